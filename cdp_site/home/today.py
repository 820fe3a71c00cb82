"""What Home says: gathered from what each app answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from cdp_site.home.consumers import ConsumerLine, lines, states
from cdp_site.home.findings import Finding
from cdp_site.home.growth import Growth, growth
from cdp_site.home.health import SLOW, findings
from cdp_site.home.pace import DAY, HOUR, Intake, Pace, intake, pace
from cdp_site.home.speed import medians
from cdp_site.words import duration, grouped, share_in_words
from compliance.access import Actor
from compliance.sources import sees_all_sources
from ingestion.domain.queries import top_events
from ingestion.models import CatalogueEvent
from profiles.domain.queries import Latency, PeopleCount, latency, people_count

LATENCY_MINUTES = 5
TOP = 6


class TopEvent(NamedTuple):
    """A frequent event; `known_as` is its number in the catalogue, which has it some seconds after the first."""

    name: str
    events: int
    known_as: int | None


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the page, and what to see to."""

    pace: Pace
    day: Intake
    people: PeopleCount
    growth: Growth
    latency: Latency
    medians: list[float]
    consumers: list[ConsumerLine]
    top: list[TopEvent]
    findings: list[Finding]
    tells_people: bool = True  # all of them, to who sees every source

    @property
    def people_words(self) -> str:
        """The comparison, and how exact the number is."""
        words = self.growth.people_words(self.people)
        return words if self.people.is_exact else f"{words}, estimated"

    @property
    def latency_tone(self) -> str:
        """Whether it is slower than people expect of something live."""
        return "warn" if (self.latency.p50 or 0) > SLOW else ""

    @property
    def rejected_words(self) -> str:
        """How much of the day was not taken."""
        if not self.day.rejected:
            return "Nothing was rejected in the last 24 hours"
        return f"{grouped(self.day.rejected)} rejected in the last 24 hours, {share_in_words(self.day.rejected_share)}"

    @property
    def latency_words(self) -> str:
        """The slowest of a hundred."""
        if self.latency.p99 is None:
            return "no event in the last five minutes"
        return f"99 of 100 within {duration(self.latency.p99)}"


def today(actor: Actor, *, now: datetime) -> Today:
    """All of it as of now."""
    lately, hour = latency(actor, now=now, minutes=LATENCY_MINUTES), intake(now - HOUR, now, actor=actor)
    consumers, people = states(now=now), people_count(actor)
    return Today(
        pace=pace(now=now, actor=actor),
        day=intake(now - DAY, now, actor=actor),
        people=people,
        growth=growth(people, now=now),
        latency=lately,
        medians=medians(now=now),
        consumers=lines(consumers),
        top=_top(actor, now),
        findings=findings(
            now=now,
            rejected_share=hour.rejected_share,
            latency=lately.p50,
            consumers=consumers,
            actor=actor,
        ),
        tells_people=sees_all_sources(actor),
    )


def _top(actor: Actor, now: datetime) -> list[TopEvent]:
    found = top_events(start=now - timedelta(days=1), end=now, limit=TOP, actor=actor)
    known = CatalogueEvent.objects.filter(name__in=[name for _, name, _ in found])
    ids = {(each.type, each.name): each.pk for each in known}
    return [TopEvent(name, count, ids.get((kind, name))) for kind, name, count in found]
