"""A port: what is accepted but not in the log yet, such as records in a collector's spool.

Whoever keeps such records registers; by default nothing is kept anywhere.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class Waiting(NamedTuple):
    """Records that the log may lack. They were received at `since` at the earliest; `records` is what is known of."""

    since: datetime
    records: int
    reason: str


Upstream = Callable[[datetime], list[Waiting]]

_upstreams: dict[str, Upstream] = {}


def register_upstream(name: str, upstream: Upstream) -> None:
    """Have the pipeline ask, before it says that it has caught up or how far the clock may be trusted."""
    _upstreams[name] = upstream


def waiting_upstream(now: datetime) -> list[Waiting]:
    """What waits outside the log, or might: the longest first."""
    return sorted(waiting for upstream in _upstreams.values() for waiting in upstream(now))
