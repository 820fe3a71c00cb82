"""Looking for cycles among the many objects of a batch, which are all dropped at its end, is not worth its time."""

import gc


def collect_seldom() -> None:
    """For a process that runs consumers: a batch makes some hundred thousand objects, and there are no cycles.

    Looking for them after each 700 would take a sixth of the time.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
