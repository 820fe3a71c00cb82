"""What collectors hold on their disks, so that readers of the log know how far they may trust the clock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from ingestion.models import CollectorProcess
from ingestion.spool.estate import process_names
from streaming.domain.upstream import Waiting

SILENT_AFTER = timedelta(seconds=15)


class HostSpool(NamedTuple):
    """What a host holds, as far as it told: since when, how many events, and why they are there."""

    host: str
    since: datetime
    records: int
    reasons: list[str]


def waiting_in_spools(now: datetime) -> list[Waiting]:
    """What waits, by process. A live process answers for those of its host that died before it last looked."""
    return [waiting for processes in _by_host().values() for waiting in _of_host(processes, now)]


def spools_elsewhere(root: Path, *, host: str, now: datetime) -> list[HostSpool]:
    """The hosts with events in a spool that is not below this root, which is that of `host`; a silent one may have some.

    Hosts that share a HEADWATER_HOME share its spool.
    """
    here = set(process_names(root)) if root.is_dir() else set()
    found = []
    for name, processes in sorted(_by_host().items()):
        if name == host or any(each.name in here for each in processes):
            continue
        if waiting := list(_of_host(processes, now)):
            since, records = min(each.since for each in waiting), sum(each.records for each in waiting)
            found.append(HostSpool(name, since, records, [each.reason for each in waiting]))
    return found


def _by_host() -> Mapping[str, Sequence[CollectorProcess]]:
    hosts: dict[str, list[CollectorProcess]] = defaultdict(list)
    for process in CollectorProcess.objects.all():
        hosts[process.host].append(process)
    return hosts


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
