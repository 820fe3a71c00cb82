"""Port: after how long without an event a visit has ended, by source, which another app keeps.

Until one is registered, and for a source that has none, it is half an hour.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import psycopg

Timeouts = Callable[[psycopg.Connection[Any]], Mapping[int, timedelta]]

_timeouts: list[Timeouts] = []


def register_visit_timeouts(timeouts: Timeouts) -> None:
    """Have `timeouts` answer; it reads those of all sources that have their own, in one query of the open session."""
    _timeouts[:] = [timeouts]


def visit_timeouts(connection: psycopg.Connection[Any]) -> Mapping[int, timedelta]:
    """The time-outs of sources that have their own."""
    return _timeouts[0](connection) if _timeouts else {}
