"""Waiting on a condition."""

import time
from collections.abc import Callable

PATIENCE_S = 60.0
_PAUSE_S = 0.05


def until(probe: Callable[[], object], what: str, *, patience_s: float = PATIENCE_S) -> None:
    """Wait until the probe is true. Raises TimeoutError, saying what was waited for."""
    deadline = time.monotonic() + patience_s
    while not probe():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {patience_s:.0f} s: {what}")
        time.sleep(_PAUSE_S)
