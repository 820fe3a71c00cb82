"""What collectors hold on their disks, so that readers of the log know how far they may trust the clock."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ingestion.models import CollectorProcess
from streaming.domain.upstream import Waiting

SILENT_AFTER = timedelta(seconds=15)


def waiting_in_spools(now: datetime) -> list[Waiting]:
    """What waits, by process. A live process answers for those of its host that died before it last looked."""
    hosts: dict[str, list[CollectorProcess]] = defaultdict(list)
    for process in CollectorProcess.objects.all():
        hosts[process.host].append(process)
    return [waiting for processes in hosts.values() for waiting in _of_host(processes, now)]


def _of_host(processes: Sequence[CollectorProcess], now: datetime) -> Iterator[Waiting]:
    alive = [each for each in processes if _is_alive(each, now)]
    looked_at = max((each.heartbeat_at for each in alive), default=None)
    for process in processes:
        answered_for = looked_at is not None and looked_at - process.heartbeat_at > SILENT_AFTER
        if process in alive:
            if process.spooled_records:
                yield _spooled(process, process.oldest_spooled_at or process.heartbeat_at)
        elif process.stopped_at is not None:
            if process.spooled_records and not answered_for:
                yield _spooled(process, process.oldest_spooled_at or process.heartbeat_at)
        elif not answered_for:
            yield _silent(process)


def _is_alive(process: CollectorProcess, now: datetime) -> bool:
    return process.stopped_at is None and now - process.heartbeat_at <= SILENT_AFTER


def _spooled(process: CollectorProcess, since: datetime) -> Waiting:
    trouble = f" ({process.trouble})" if process.trouble else ""
    reason = f"{process.spooled_records:,} events wait in the spool of {process.host}{trouble}"
    return Waiting(since, process.spooled_records, reason)


def _silent(process: CollectorProcess) -> Waiting:
    since = min(process.heartbeat_at, process.oldest_spooled_at or process.heartbeat_at)
    reason = (
        f"the collector {process.name} has been silent since {process.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC with "
        f"{process.spooled_records:,} events in its spool: start a web server on {process.host}, which takes them over"
    )
    return Waiting(since, process.spooled_records, reason)
