"""How the number of people grows: noted by the minute's look at the installation, an hour a row."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_site.models import PeopleTally
from cdp_site.words import grouped, share_in_words
from compliance.access import Actor
from profiles.domain.queries import PeopleCount, people_count

DAY = timedelta(days=1)
KEPT = timedelta(days=31)
_BY = Actor.system("home")


@dataclass(frozen=True, slots=True)
class Growth:
    """The last day, hour by hour, with now at its end; `yesterday` is None until there was a count a day ago."""

    totals: list[int]
    shares: list[float]
    yesterday: tuple[int, float] | None

    def people_words(self, now: PeopleCount) -> str:
        """The comparison of the number of people."""
        if self.yesterday is None:
            return f"{grouped(now.identified)} identified"
        change = now.total - self.yesterday[0]
        return f"{grouped(abs(change))} {'more' if change >= 0 else 'fewer'} than yesterday" if change else "as many as yesterday"  # fmt: skip

    def identified_words(self) -> str:
        """The comparison of the identified share."""
        return "of all people" if self.yesterday is None else f"{share_in_words(self.yesterday[1])} yesterday"


def note_people(*, now: datetime) -> None:
    """Keep how many there are in this hour. Idempotent; the latest look counts."""
    count, hour = people_count(_BY), now.replace(minute=0, second=0, microsecond=0)
    PeopleTally.objects.update_or_create(
        hour=hour, defaults={"total": count.total, "identified": count.identified}
    )
    PeopleTally.objects.filter(hour__lt=hour - KEPT).delete()


def growth(count: PeopleCount, *, now: datetime) -> Growth:
    """As of now, when there are `count` people."""
    found = list(PeopleTally.objects.filter(hour__gt=now - DAY - timedelta(hours=1)).order_by("hour"))
    before = [each for each in found if each.hour <= now - DAY]
    rows = [(each.total, _share(each)) for each in found if each.hour > now - DAY]
    rows.append((count.total, count.identified_share))
    yesterday = (before[-1].total, _share(before[-1])) if before else None
    return Growth([total for total, _ in rows], [share for _, share in rows], yesterday)


def _share(tally: PeopleTally) -> float:
    return tally.identified / tally.total if tally.total else 0.0
