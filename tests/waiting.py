"""Waiting for what will be so: on a condition, never for a time."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def eventually(
    probe: Callable[[], T], what: str = "", seconds: float = 150.0, *, until: Callable[[T], Any] = bool
) -> T:
    """The first result of `probe` that satisfies `until`; `what` says in a failure what was waited for.

    By default it is patient: a worker that starts beside two other lanes on a slow machine takes more than a minute.
    """
    began = time.monotonic()
    while True:
        result = probe()
        if until(result):
            return result
        waited = time.monotonic() - began
        assert waited < seconds, f"not within {seconds} s: {what}; last: {str(result)[:800]}"
        time.sleep(pause_after(waited))


def pause_after(waited: float) -> float:
    """Seconds to the next look: who waits long looks less often, and leaves the processor to what it waits for."""
    return min(max(waited / 25, 0.02), 0.2)
