"""Running a consumer in this process."""

from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches

from django.conf import settings

from streaming.contracts.log import EventLog
from streaming.database import connect
from streaming.event_log import event_log
from streaming.registry import registered_consumers
from streaming.runtime.worker import Surroundings, Worker

_SAFETY = timedelta(days=7)
_LONGEST_RETENTION_SECONDS = 30 * 24 * 3600


class UnknownConsumer(LookupError):
    """No consumer is registered under the name."""


def consumer_names(wanted: list[str]) -> list[str]:
    """The names wanted, or all of them. Raises UnknownConsumer, naming the nearest and those that exist."""
    known = registered_consumers()
    if unknown := [name for name in wanted if name not in known]:
        near = get_close_matches(unknown[0].lower(), known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else "."
        raise UnknownConsumer(
            f"there is no consumer {unknown[0]!r}{meant} Registered are: {', '.join(known) or 'none'}"
        )
    return list(dict.fromkeys(wanted)) or list(known)


def new_worker(name: str, *, is_orphaned: Callable[[], bool] = lambda: False) -> Worker:
    """A worker of the consumer, on the installation's log and database; `run()` it once."""
    log = event_log()
    consumer = registered_consumers()[name]()
    return Worker(
        consumer,
        Surroundings(
            log=log,
            connect=connect,
            keep_seen=lambda: remembered_for(log),
            is_orphaned=is_orphaned,
            host=settings.HOST_NAME,
        ),
    )


def remembered_for(log: EventLog) -> timedelta:
    """How long applied messages are remembered: as long as anything can bring them again, and a week."""
    specs = log.describe(sorted(log.topics())).values()
    retentions = [spec.retention_seconds or _LONGEST_RETENTION_SECONDS for spec in specs]
    longest = max(retentions, default=_LONGEST_RETENTION_SECONDS)
    return timedelta(seconds=longest) + timedelta(days=settings.SPOOL_WINDOW_DAYS) + _SAFETY
