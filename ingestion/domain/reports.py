"""What a collector tells the database once a second: counts, samples for the live page, its own state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from ingestion.domain.counters import CountKey, add_counts
from ingestion.domain.event_names import record_names
from ingestion.models import CollectorProcess, LiveEvent

LIVE_KEPT = timedelta(minutes=15)


class Sample(NamedTuple):
    """One arriving item for the live page; with `sample_of` others of its kind that are not shown."""

    at: datetime
    source_id: int
    type: str
    name: str
    result: str
    reason: str
    message_id: str
    raw: bytes
    sample_of: int = 1


@dataclass(frozen=True, slots=True)
class ProcessState:
    """A collector's sign of life."""

    name: str
    host: str
    pid: int
    started_at: datetime
    spooled_records: int
    spooled_bytes: int
    oldest_spooled_at: datetime | None
    trouble: str
    stopped_at: datetime | None = None


def store_report(
    *,
    counts: Mapping[CountKey, int],
    names: Sequence[tuple[int, str, str]],
    samples: Sequence[Sample],
    state: ProcessState,
    now: datetime,
) -> None:
    """Store all of it, or nothing. Raises django.db.Error."""
    with transaction.atomic():
        if names:
            record_names(names, now=now)
        add_counts(counts)
        LiveEvent.objects.bulk_create([_live_event(sample) for sample in samples])
        _store_state(state, now)


def forget_live_events(*, now: datetime) -> None:
    """Delete what the live page no longer shows, and collectors that ended a day ago."""
    LiveEvent.objects.filter(at__lt=now - LIVE_KEPT).delete()
    CollectorProcess.objects.filter(heartbeat_at__lt=now - timedelta(days=1), spooled_records=0).delete()


def _live_event(sample: Sample) -> LiveEvent:
    fields = sample._asdict()
    fields["raw"] = sample.raw.decode(errors="replace")
    return LiveEvent(**fields)


def _store_state(state: ProcessState, now: datetime) -> None:
    CollectorProcess.objects.update_or_create(
        name=state.name,
        defaults={
            "host": state.host,
            "pid": state.pid,
            "started_at": state.started_at,
            "heartbeat_at": now,
            "stopped_at": state.stopped_at,
            "spooled_records": state.spooled_records,
            "spooled_bytes": state.spooled_bytes,
            "oldest_spooled_at": state.oldest_spooled_at,
            "trouble": state.trouble,
        },
    )
