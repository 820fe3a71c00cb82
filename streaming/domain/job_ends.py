"""A port: telling whoever began a job how it ended. By default nobody is told.

Whoever has inboxes registers. It is told within the transaction that ends the job, so that each end is told once.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple


class JobEnd(NamedTuple):
    """How a job ended: `subject` says it in one sentence, `body` what is left to do, `link` is the path of its page."""

    begun_by: str
    subject: str
    body: str
    link: str


Tell = Callable[[JobEnd, datetime], None]


def _tell_nobody(_end: JobEnd, _now: datetime) -> None:
    """Nobody has an inbox."""


_tell: Tell = _tell_nobody


def register_job_ends(tell: Tell) -> None:
    """Have this one tell from now on."""
    global _tell  # noqa: PLW0603 -- one that tells per installation is the point
    _tell = tell


def tell_job_end(end: JobEnd, *, now: datetime) -> None:
    """Tell it, in the open transaction."""
    _tell(end, now)
