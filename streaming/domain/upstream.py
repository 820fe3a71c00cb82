"""A port: what is accepted but not in the log yet, such as records in a collector's spool.

Whoever keeps such records registers; by default nothing is kept anywhere.
"""

from collections.abc import Callable
from datetime import datetime

Waiting = Callable[[datetime], str | None]
"""One line that says what waits outside the log, or that this is not known; None when nothing does."""

_sources: dict[str, Waiting] = {}


def register_upstream(name: str, waiting: Waiting) -> None:
    """Have the pipeline ask, before it says that it has caught up."""
    _sources[name] = waiting


def waiting_upstream(now: datetime) -> list[str]:
    """What waits outside the log."""
    return [reason for waiting in _sources.values() if (reason := waiting(now))]
