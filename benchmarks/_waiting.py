"""Waiting on a condition."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0
_PAUSE_S = 0.05


def until(probe: Callable[[], object], what: str) -> None:
    """Wait until the probe is true. Raises TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while not probe():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {PATIENCE_S:.0f} s: {what}")
        time.sleep(_PAUSE_S)
