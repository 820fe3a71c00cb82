"""Run a connection: from where it stands, for as long as it may, and so that a kill at any moment costs nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from compliance.secrets import SecretsUnreadable
from ingestion.domain.leases import LeaseLost
from ingestion.domain.mappings import MappingInvalid
from ingestion.imports.making import making_rows
from ingestion.imports.running import Outcome
from ingestion.models import ConnectionRun
from ingestion.sources import failing
from ingestion.sources.contract import SourceError, SourceUnavailable, StreamChanged, StreamRefused
from ingestion.sources.progress import fail_run, leases
from ingestion.sources.slices import Clock, Slice, Stopping, Terms
from ingestion.sources.threads import THREADS, Sort
from ingestion.sources.turns import is_continuous, take_turn
from streaming.contracts.log import EventLog, LogUnavailable


def _never() -> bool:
    return False


def run_connection(
    run_id: int, *, log: EventLog, clock: Clock, seconds: float | None = None, stopping: Stopping = _never
) -> Outcome:
    """Run it until there are no more rows, or for `seconds` and at least one batch, unless it is held up.

    A source whose rows come by themselves is listened to for a longer while. When `stopping` says so it ends soon.
    Rows are made durable in the log first; then one transaction says so in the run and moves the stream's state. A kill
    between the two sends those rows again, with the same message ids: consumers drop what they applied. Errors of our
    own database are raised; running it again is always right.
    """
    known = ConnectionRun.objects.select_related("stream__connection").filter(pk=run_id).first()
    if known is None:
        return Outcome.BUSY
    with THREADS.held(_sort_of(known)) as may:
        if not may:
            return _without_thread(known)
        owner = take_turn(known)
        return Outcome.BUSY if owner is None else _held(run_id, owner, Terms(log, clock, seconds, stopping))


def _sort_of(run: ConnectionRun) -> Sort:
    if is_continuous(run.stream.connection):
        return Sort.CONTINUOUS
    return Sort.TROUBLED if run.stream.connection.failures else Sort.USUAL


def _without_thread(run: ConnectionRun) -> Outcome:
    why = (
        f"It waits for a thread: {THREADS.most(_sort_of(run))} sources of its sort are read here already. Start another "
        "process for sources, or one with more threads."
    )
    ConnectionRun.objects.filter(pk=run.pk, lease_owner=None).update(failure=why)
    return Outcome.WAITING


def _held(run_id: int, owner: UUID, terms: Terms) -> Outcome:
    try:
        run = ConnectionRun.objects.select_related("stream__connection").get(pk=run_id)
        return _run(run, owner, terms)
    except LeaseLost:
        return Outcome.BUSY
    except LogUnavailable:
        return Outcome.WAITING
    finally:
        leases.release(run_id, owner)


def _run(run: ConnectionRun, owner: UUID, terms: Terms) -> Outcome:
    connection = run.stream.connection
    if connection.retry_at is not None and connection.retry_at > terms.clock():
        return Outcome.WAITING
    deadline = (
        datetime.max.replace(tzinfo=UTC)
        if terms.seconds is None
        else terms.clock() + timedelta(seconds=terms.seconds)
    )
    try:
        reading = Slice(run, owner, terms)
        with making_rows():
            outcome = reading.listen() if is_continuous(connection) else reading.until(deadline)
    except (MappingInvalid, SecretsUnreadable, LookupError) as error:
        fail_run(run, owner, reason=_reason(run, str(error)), now=terms.clock())
        return Outcome.ENDED
    except (StreamChanged, StreamRefused) as refused:
        tell = failing.stop_stream if isinstance(refused, StreamChanged) else failing.record_stream_failure
        tell(run.stream, str(refused), now=terms.clock())
        fail_run(run, owner, reason=_reason(run, str(refused)), now=terms.clock())
        return Outcome.ENDED
    except SourceUnavailable as away:
        failing.record_failure(connection, str(away), now=terms.clock(), retry_after=away.retry_after)
        leases.held(run.pk, owner).update(failure=str(away))
        return Outcome.WAITING
    except SourceError as refused:
        failing.record_failure(connection, str(refused), now=terms.clock())
        fail_run(run, owner, reason=_reason(run, str(refused)), now=terms.clock())
        return Outcome.ENDED
    failing.record_success(connection, now=terms.clock())
    return outcome


def _reason(run: ConnectionRun, said: str) -> str:
    run.refresh_from_db(fields=["read"])
    return f"After row {run.read:,}: {said} The rows so far are in."
