"""What Home says: gathered from what each app answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_site.home.health import Finding, findings
from cdp_site.home.pace import DAY, HOUR, Intake, Pace, intake, pace
from cdp_site.words import duration, grouped
from compliance.access import Actor
from ingestion.domain.queries import top_events
from profiles.domain.queries import Latency, PeopleCount, latency, people_count

LATENCY_MINUTES = 15
TOP = 6


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of the page, and what to see to."""

    pace: Pace
    day: Intake
    people: PeopleCount
    latency: Latency
    top: list[tuple[str, int]]
    findings: list[Finding]

    @property
    def people_words(self) -> str:
        """How exact the number is."""
        return f"{grouped(self.people.identified)} identified" if self.people.is_exact else "estimated"

    @property
    def latency_words(self) -> str:
        """The slowest of a hundred."""
        if self.latency.p99 is None:
            return "no event in the last 15 minutes"
        return f"99 of 100 within {duration(self.latency.p99)}"


def today(actor: Actor, *, now: datetime) -> Today:
    """All of it as of now."""
    return Today(
        pace=pace(now=now),
        day=intake(now - DAY, now),
        people=people_count(actor),
        latency=latency(actor, now=now, minutes=LATENCY_MINUTES),
        top=_top(now),
        findings=findings(now=now, rejected_share=intake(now - HOUR, now).rejected_share),
    )


def _top(now: datetime) -> list[tuple[str, int]]:
    return [(name, count) for _, name, count in top_events(start=now - timedelta(days=1), end=now, limit=TOP)]
