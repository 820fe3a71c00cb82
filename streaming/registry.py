"""The consumers that `run_consumers` can run.

Apps register theirs in `AppConfig.ready()`; other installed distributions bring theirs by entry points of the
group `headwater.consumers`, whose name is the consumer's and whose object makes one.
"""

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoints, entry_points

from streaming.runtime.consumer import Consumer

ConsumerFactory = Callable[[], Consumer]

ENTRY_POINT_GROUP = "headwater.consumers"
_consumers: dict[str, ConsumerFactory] = {}


def register_consumer(name: str, factory: ConsumerFactory) -> None:
    """Make a consumer known under its name. Raises ValueError when another one has it."""
    if _consumers.setdefault(name, factory) is not factory:
        raise ValueError(f"two consumers are registered as {name!r}: each name is a position in the log")


def registered_consumers() -> dict[str, ConsumerFactory]:
    """All registered consumers by name."""
    brought = {each.name: each for each in _brought()}
    for name in brought.keys() - _consumers.keys():
        register_consumer(name, brought[name].load())
    return dict(sorted(_consumers.items()))


@cache
def _brought() -> EntryPoints:
    """Those of the distributions that were there when this process first asked: web processes ask each second."""
    return entry_points(group=ENTRY_POINT_GROUP)
