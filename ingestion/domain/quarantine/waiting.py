"""How many events of each source wait for a decision: in numbers only, however many there are."""

from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.enums import QuarantineState
from ingestion.models import Quarantined, Source

MOST_MORE = 100  # sources beyond those that are shown, which are only counted


class Waiting(NamedTuple):
    """A source of which events wait; `is_more` says that there are more than were counted."""

    source: Source
    events: int
    is_more: bool


class WaitingSources(NamedTuple):
    """Sources of which events wait, and how many more there are: MOST_MORE stands for as many or more."""

    shown: list[Waiting]
    more: int


def waiting_sources(*, most: int, counted: int, actor: Actor | None = None) -> WaitingSources:
    """At most `most` sources that the actor may see, of which events wait, each counted up to `counted`: one step in an index where none wait."""
    open_ones = Quarantined.objects.filter(source=OuterRef("pk"), state=QuarantineState.OPEN).order_by()
    known = of_sources(actor, Source.objects.all(), "pk")
    sources = known.annotate(one=Subquery(open_ones.values("pk")[:1])).filter(one__isnull=False)
    found = list(sources[: most + MOST_MORE])
    return WaitingSources([_counted(each, counted) for each in found[:most]], len(found[most:]))


def _counted(source: Source, most: int) -> Waiting:
    found = Quarantined.objects.filter(source=source, state=QuarantineState.OPEN).order_by()
    events = found.values("pk")[: most + 1].count()
    return Waiting(source, min(events, most), events > most)
