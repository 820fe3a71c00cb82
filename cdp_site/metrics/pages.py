"""What Django's pages cost, counted where they are answered.

Each figure is a write to a file that the scraped process reads, which is dear hundreds of times a second. So the event
loop that answers keeps them in memory and writes them once a second, for all requests of that second.
"""

import asyncio
from bisect import bisect_left
from collections import Counter as Tally

from prometheus_client import Counter, Gauge, Histogram

EVERY_S = 1.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class SecondsHistogram(Histogram):
    """A histogram that takes many observations at once."""

    def observe_all(self, seconds: list[float]) -> None:
        """As `observe` with each of them."""
        for place, number in Tally(bisect_left(self._upper_bounds, each) for each in seconds).items():
            self._buckets[place].inc(number)
        self._sum.inc(sum(seconds))


REQUESTS = Counter("headwater_http_requests_total", "Requests that Django answered", ["method", "status"])
SECONDS = SecondsHistogram(
    "headwater_http_request_seconds", "From a request's last byte to its answer's, waiting for a thread included",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
WAITING = Gauge(
    "headwater_http_requests_in_progress", "Requests that Django works on or that wait for a thread",
    multiprocess_mode="livesum",
)  # fmt: skip


class _Unwritten:
    """What the event loop of this process has counted and not written yet."""

    def __init__(self) -> None:
        self.requests: Tally[tuple[str, str]] = Tally()
        self.seconds: list[float] = []
        self.in_progress = 0
        self.due_on: asyncio.AbstractEventLoop | None = None


_unwritten = _Unwritten()


def count(method: str, status: int, seconds: float) -> None:
    """Count one answer. On the event loop."""
    _unwritten.requests[method if method in _METHODS else "other", str(status)] += 1
    _unwritten.seconds.append(seconds)
    _write_soon()


def work(more: int) -> None:
    """Count so many requests more, or fewer, that are worked on. On the event loop."""
    _unwritten.in_progress += more
    _write_soon()


def _write_soon() -> None:
    loop = asyncio.get_running_loop()
    if _unwritten.due_on is not loop:
        _unwritten.due_on = loop
        loop.call_later(EVERY_S, write)


def write() -> None:
    """Write what was counted; repeating it changes nothing."""
    _unwritten.due_on = None
    requests, _unwritten.requests = _unwritten.requests, Tally()
    seconds, _unwritten.seconds = _unwritten.seconds, []
    for (method, status), number in requests.items():
        REQUESTS.labels(method, status).inc(number)
    SECONDS.observe_all(seconds)
    WAITING.set(_unwritten.in_progress)
