"""Connections, their streams and runs, for screens and the REST API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.payloads import require_payloads
from compliance.sources import of_sources
from ingestion.enums import RunState
from ingestion.imports.row_errors import csv_line, without_formula
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.schedule import next_runs, words_of
from ingestion.sources.turns import is_continuous

MAX_CONNECTIONS = 500


@dataclass(frozen=True, slots=True)
class StreamOverview:
    """A stream with its last run and when the next is due."""

    stream: Stream
    last: ConnectionRun | None
    next_at: datetime | None
    schedule: str

    @property
    def state(self) -> str:
        """In a word: paused, failing, running, waiting or ready."""
        if self.stream.paused_at is not None:
            return "stopped" if any(each["breaks"] for each in self.stream.drift) else "paused"
        if self.last is not None and self.last.state in (RunState.RUNNING, RunState.QUEUED):
            return "waiting" if self.last.failure else "running"
        if self.last is not None and self.last.state == RunState.FAILED:
            return "failing"
        return "ready"


@dataclass(frozen=True, slots=True)
class ConnectionOverview:
    """A connection with its streams."""

    connection: Connection
    streams: list[StreamOverview]


def connection_overviews(
    *, now: datetime, connection_id: int | None = None, actor: Actor | None = None
) -> list[ConnectionOverview]:
    """All connections of sources that the actor may see, or one, by name."""
    found = of_sources(actor, Connection.objects.select_related("source").prefetch_related("streams"))
    if connection_id is not None:
        found = found.filter(pk=connection_id)
    connections = list(found[:MAX_CONNECTIONS])
    last = _last_runs([connection.pk for connection in connections])
    for each in connections:
        for stream in each.streams.all():
            stream.connection = each  # the very object, so that nothing is asked for again
    due = next_runs([stream for each in connections for stream in each.streams.all()], now=now)
    return [
        ConnectionOverview(each, [_overview(stream, each, last, due) for stream in each.streams.all()])
        for each in connections
    ]


def stream_overview(stream: Stream, *, now: datetime) -> StreamOverview:
    """One stream."""
    last = _last_runs([stream.connection_id])
    return _overview(stream, stream.connection, last, next_runs([stream], now=now))


def recent_runs(*, stream: Stream, before: int | None = None, limit: int = 30) -> list[ConnectionRun]:
    """The newest runs, `limit` at most; `before` is the number of the last run of the page before."""
    runs = stream.runs.order_by("-id")
    if before is not None:
        runs = runs.filter(id__lt=before)
    return list(runs[:limit])


def export_row_errors(actor: Actor, run: ConnectionRun) -> Iterator[str]:
    """The rows that were not taken as CSV, safe to open in a spreadsheet. Raises AccessDenied.

    The trail has how many are given out, under every category, as for files.
    """
    require(actor, Operation.SOURCES_MANAGE)
    require_payloads(actor)
    record_read(
        actor, action="connection.errors", target=f"stream:{run.stream_id}", categories=Category,
        detail={"run": run.pk, "rows": run.row_errors.count(), "rejected": run.rejected},
    )  # fmt: skip
    return _errors_as_csv(run)


def _errors_as_csv(run: ConnectionRun) -> Iterator[str]:
    yield csv_line("row", "reason", "beginning of the row")
    for error in run.row_errors.order_by("row").iterator(chunk_size=2000):
        yield csv_line(str(error.row), without_formula(error.reason), without_formula(error.raw))


def _last_runs(connections: list[int]) -> dict[int, ConnectionRun]:
    newest = ConnectionRun.objects.filter(stream=OuterRef("pk")).order_by("-id").values("pk")[:1]
    streams = Stream.objects.filter(connection__in=connections).annotate(newest=Subquery(newest))
    runs = ConnectionRun.objects.filter(pk__in=list(streams.values_list("newest", flat=True)))
    return {run.stream_id: run for run in runs}


def _overview(
    stream: Stream,
    connection: Connection,
    last: Mapping[int, ConnectionRun],
    due: Mapping[int, datetime | None],
) -> StreamOverview:
    schedule = "all the time" if is_continuous(connection) else words_of(stream)
    return StreamOverview(stream, last.get(stream.pk), due[stream.pk], schedule)
