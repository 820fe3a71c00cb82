"""Whose turn it is: the streams of a connection are read one after another, those of different ones side by side.

So a source is asked one thing at a time, and holds up nobody but itself. Continuous kinds listen to all of a connection's
streams at once.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now

from ingestion.domain.leases import Leases
from ingestion.models import Connection, ConnectionRun
from ingestion.sources.contract import as_continuous
from ingestion.sources.progress import leases
from ingestion.sources.registry import kind_named, registered_kinds


def take_turn(run: ConnectionRun) -> UUID | None:
    """Become the one who runs it; None when it is not to be run, or its connection is being read already."""
    connection = run.stream.connection
    if is_continuous(connection):
        return leases.take(run.pk)
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk).first()
        others = ConnectionRun.objects.filter(stream__connection=connection, lease_until__gte=Now())
        return None if others.exclude(pk=run.pk).exists() else leases.take(run.pk)


def waiting_runs(*, now: datetime) -> list[int]:
    """The runs that should go on and that nobody runs, oldest first; those that would keep a thread for good come last.

    Not those whose source is left alone for a while, or is being read.
    """
    stays = Case(
        When(stream__connection__kind__in=continuous_kinds(), then=1), default=0, output_field=IntegerField()
    )
    return list(_waiting(now).order_by(stays, "pk").values_list("pk", flat=True))


def next_in_turn(run_id: int, *, now: datetime) -> int | None:
    """Which run of the same connection should go on after a slice of this one: each in turn, perhaps this one again."""
    found = _waiting(now).filter(stream__connection__streams__runs=run_id)
    is_before = Case(When(pk__gt=run_id, then=0), default=1, output_field=IntegerField())
    return found.order_by(is_before, "pk").values_list("pk", flat=True).first()


def is_continuous(connection: Connection) -> bool:
    """Whether rows of this connection come by themselves; not when its kind is not installed."""
    try:
        return as_continuous(kind_named(connection.kind)) is not None
    except LookupError:
        return False


def continuous_kinds() -> list[str]:
    """The keys of the kinds whose rows come by themselves."""
    return [kind.key for kind in registered_kinds() if as_continuous(kind)]


def _waiting(now: datetime) -> "QuerySet[ConnectionRun]":
    retry = Q(stream__connection__retry_at=None) | Q(stream__connection__retry_at__lte=now)
    busy = ConnectionRun.objects.filter(
        stream__connection=OuterRef("stream__connection"), lease_until__gte=Now()
    )
    free = Q(stream__connection__kind__in=continuous_kinds()) | ~Exists(busy)
    return Leases(ConnectionRun).without_runner().filter(retry & free)
