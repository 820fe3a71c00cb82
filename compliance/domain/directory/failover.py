"""Which server is asked first: one that failed lately is asked last, and all that failed just now not at all."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

LATELY_S = 30
JUST_NOW_S = 5
WAIT_S = 0.5

_failed_at: dict[str, float] = {}
_slots: dict[int, threading.BoundedSemaphore] = {}


class Overloaded(Exception):
    """As many sign-ins as may wait for the directory do so already, or it was away a moment ago."""


def in_order(urls: Sequence[str]) -> list[str]:
    """The servers as they are to be tried."""
    now = time.monotonic()
    return sorted(urls, key=lambda url: now - _failed_at.get(url, -LATELY_S) < LATELY_S)


def failed(url: str) -> None:
    """Keep that this server could not be used."""
    _failed_at[url] = time.monotonic()


def answered(url: str) -> None:
    """Keep that it can be used."""
    _failed_at.pop(url, None)


@contextmanager
def bounded(urls: Sequence[str], *, most: int) -> Iterator[None]:
    """Let at most so many sign-ins of this process wait for the directory, so that other pages keep their threads.

    Raises Overloaded, at once while every server failed just now.
    """
    now = time.monotonic()
    if urls and all(now - _failed_at.get(url, -JUST_NOW_S) < JUST_NOW_S for url in urls):
        raise Overloaded
    slots = _slots.setdefault(most, threading.BoundedSemaphore(most))
    if not slots.acquire(timeout=WAIT_S):
        raise Overloaded
    try:
        yield
    finally:
        slots.release()


def forget() -> None:
    """Know of no failure."""
    _failed_at.clear()
