"""Settling the estate of a host that died: its spooled events go into the log, and nobody waits for it any more."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import Q, QuerySet

from compliance.access import Actor, require
from compliance.enums import Operation
from ingestion.domain.spools import SILENT_AFTER
from ingestion.models import CollectorProcess
from ingestion.spool.estate import InUse, Settled, settle, spool_root, spools_below
from ingestion.spool.sending import Destination


class EstateError(Exception):
    """It cannot be settled; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was done. `hosts` are those that are no longer waited for.

    `missing` are dead collectors of these hosts, and how many events each said it had in a spool that was not found.
    """

    settled: Settled
    hosts: list[str]
    missing: dict[str, int]


def settle_estate(
    directory: Path,
    destination: Destination,
    *,
    host: str | None,
    although_alive: bool,
    window: float,
    by: Actor,
    now: datetime,
) -> Settlement:
    """Empty the spool of a host that died into the log. `window` is for how many seconds duplicates are recognised.

    Blocks until all is sent; repeated, it goes on. `host` names it where the directory does not say whose it is.
    Raises EstateError, AccessDenied, LogError.
    """
    require(by, Operation.PIPELINE_OPERATE)
    root = spool_root(directory)
    names = _names(root, host)
    hosts = _hosts(names, host)
    if not although_alive:
        _refuse_the_living(names, hosts, now)
    try:
        settled = settle(root, destination, window=window, now=now.timestamp())
    except InUse as error:
        raise EstateError(
            f"{error.path} belongs to a web process that runs on this machine, which empties it by itself: stop it first"
        ) from error
    except OSError as error:
        raise EstateError(
            f"{error.filename or root}: {error.strerror}; the directory is changed while it is emptied, so if it cannot be, "
            "copy it to a disk where it can, and name the copy. Repeated, this goes on"
        ) from error
    if settled.too_old:
        return Settlement(settled, hosts, {})
    # Whoever names the host says with it that all of it is here, or gone for good; a directory may be half a copy.
    missing = {} if host else _missing(names, hosts, now)
    _wait_no_longer(names, hosts, missing, now)
    return Settlement(settled, hosts, missing)


def _names(root: Path, host: str | None) -> list[str]:
    try:
        names = [path.name for path in spools_below(root)]
    except OSError as error:
        raise EstateError(f"{root} cannot be read: {error.strerror}") from error
    if not names and host is None:
        raise EstateError(
            f"nothing waits in {root}; to have the pipeline wait no longer for a host that is gone for good, name it with --host"
        )
    return names


def _hosts(names: Collection[str], host: str | None) -> list[str]:
    hosts = set(CollectorProcess.objects.filter(name__in=names).values_list("host", flat=True))
    return sorted(hosts | ({host} if host else set()))


def _refuse_the_living(names: Collection[str], hosts: Collection[str], now: datetime) -> None:
    living = CollectorProcess.objects.filter(
        Q(name__in=names) | Q(host__in=hosts), stopped_at=None, heartbeat_at__gt=now - SILENT_AFTER
    ).first()
    if living is not None:
        raise EstateError(
            f"{living.host} lives: its collector {living.name} gave a sign of life at "
            f"{living.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC. A web server empties its own spool, and what dead ones left "
            "beside it; stop it first, or say --although-alive if the directory is a copy or the host is known to be dead"
        )


def _missing(names: Collection[str], hosts: Collection[str], now: datetime) -> dict[str, int]:
    told = _silent(names, hosts, now).filter(spooled_records__gt=0).exclude(name__in=names)
    return dict(told.values_list("name", "spooled_records"))


def _wait_no_longer(
    names: Collection[str], hosts: Collection[str], missing: Collection[str], now: datetime
) -> None:
    """The log has all of it: readers need not hold the clock back for these processes."""
    settled = _silent(names, hosts, now).exclude(name__in=missing)
    settled.filter(stopped_at=None).update(stopped_at=now)
    settled.update(spooled_records=0, spooled_bytes=0, oldest_spooled_at=None)


def _silent(names: Collection[str], hosts: Collection[str], now: datetime) -> QuerySet[CollectorProcess]:
    return CollectorProcess.objects.filter(Q(name__in=names) | Q(host__in=hosts)).exclude(
        stopped_at=None, heartbeat_at__gt=now - SILENT_AFTER
    )
