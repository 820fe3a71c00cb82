"""Looking at reconciliations: the history, the counts of one, what it found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Sum

from cdp_site.models import Reconciliation, ReconciliationFinding, ReconciliationHour
from cdp_site.reconciliation.enums import RunState, State
from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import require_all_sources

SHOWN = 100
_HOUR = timedelta(hours=1)
_SUMS = [*State.values, "duplicates"]


@dataclass(frozen=True, slots=True)
class Place:
    """Which counts or findings: of a source, a topic, an hour; None lets all pass."""

    source_id: int | None = None
    topic: str | None = None
    hour: datetime | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Distinct messages by what became of them, and copies beyond the first."""

    applied: int = 0
    dead_lettered: int = 0
    suppressed: int = 0
    quarantined: int = 0
    pending: int = 0
    missing: int = 0
    duplicates: int = 0

    @property
    def refused(self) -> int:
        """Those that were put aside for good, or for a decision."""
        return self.dead_lettered + self.suppressed + self.quarantined


@dataclass(frozen=True, slots=True)
class Line:
    """The totals of a source and topic, of all hours."""

    source_id: int
    topic: str
    totals: Totals


def _require(by: Actor) -> None:
    """It tells of all sources together."""
    require(by, Operation.PIPELINE_VIEW)
    require_all_sources(by, Operation.PIPELINE_VIEW)


def latest(*, by: Actor) -> Reconciliation | None:
    """The newest that came to an end with a result. Raises AccessDenied."""
    _require(by)
    return Reconciliation.objects.filter(state__in=(RunState.BALANCED, RunState.UNBALANCED)).first()


def history(*, by: Actor) -> list[Reconciliation]:
    """All that are kept, the newest first. Raises AccessDenied."""
    _require(by)
    return list(Reconciliation.objects.defer("topics", "downstream"))


def totals(run: Reconciliation, *, by: Actor) -> Totals:
    """Over all sources, topics and hours. Raises AccessDenied."""
    _require(by)
    sums = run.hours.aggregate(**{name: Sum(name) for name in _SUMS})
    return Totals(**{name: value or 0 for name, value in sums.items()})


def lines(run: Reconciliation, *, by: Actor) -> list[Line]:
    """By source and topic; what is missing first. Raises AccessDenied."""
    _require(by)
    sums = [Sum(name) for name in _SUMS]
    rows = run.hours.order_by().values_list("source_id", "topic").annotate(*sums)
    found = [Line(source, topic, Totals(*numbers)) for source, topic, *numbers in rows]
    return sorted(found, key=lambda line: (-line.totals.missing, line.source_id, line.topic))


def hours(
    run: Reconciliation, source_id: int, topic: str, *, by: Actor, before: datetime | None = None
) -> list[ReconciliationHour]:
    """The hours of a source and topic, the newest first, from before this one on. Raises AccessDenied."""
    _require(by)
    rows = run.hours.filter(source_id=source_id, topic=topic)
    if before is not None:
        rows = rows.filter(hour__lt=before)
    return list(rows.order_by("-hour")[: SHOWN + 1])


def findings(
    run: Reconciliation, place: Place, *, by: Actor, after: int | None = None, most: int = SHOWN
) -> list[ReconciliationFinding]:
    """What does not balance, in the order of its ids, from behind this one on. Raises AccessDenied."""
    _require(by)
    rows = run.found.order_by("id")
    if place.source_id is not None:
        rows = rows.filter(source_id=place.source_id)
    if place.topic is not None:
        rows = rows.filter(topic=place.topic)
    if place.hour is not None:
        rows = rows.filter(minute__gte=place.hour, minute__lt=place.hour + _HOUR)
    if after is not None:
        rows = rows.filter(id__gt=after)
    found = list(rows[:most])
    record_read(
        by, action="pipeline.reconcile", target=str(run), categories=[Category.BEHAVIOUR],
        detail={"findings": len(found)},
    )  # fmt: skip
    return found
