"""Events as the timeline shows them: by day, each with an icon and the little that tells it from the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone

from compliance.access import Pseudonym
from profiles.admin.faces import words_of
from profiles.admin.folding import Entry, folded
from profiles.admin.icons import icon_of
from profiles.domain.queries import TimelineItem
from profiles.domain.queries.sessions import Session

_TOLD = 3  # properties of an event
_LONGEST = 60  # characters of a value
_FIRST = (
    "path",
    "url",
    "title",
    "name",
    "product",
    "query",
    "total",
    "revenue",
    "price",
    "order_id",
    "reason",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One event of the timeline. `is_partly_hidden` tells of properties and traits, not of the context."""

    item: TimelineItem
    icon: str
    title: str
    facts: list[tuple[str, str]]
    is_partly_hidden: bool


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on a day, in the zone of the installation. A day that an earlier page began has no `title`."""

    date: date
    title: str
    entries: list[Entry[Shown]]

    @property
    def events(self) -> list[Shown]:
        """The events of all entries."""
        return [event for entry in self.entries for event in entry.events]


def days_of(
    items: Iterable[TimelineItem],
    *,
    now: datetime,
    begun: str = "",
    visits: Mapping[int, Session] | None = None,
) -> list[Day]:
    """The items by day; `begun` is the day (ISO) that the page before this one ended in, `visits` those of events."""
    today = timezone.localtime(now).date()
    found = []
    for day, events in groupby(items, key=lambda item: timezone.localtime(item.timestamp).date()):
        title = "" if day.isoformat() == begun else _title(day, today)
        found.append(Day(day, title, folded(map(_shown, events), visits or {})))
    return found


def _title(day: date, today: date) -> str:
    if day in (today, today - timedelta(days=1)):
        return "Today" if day == today else "Yesterday"
    weekday = f"{day:%A}, " if (today - day).days < 365 else ""  # noqa: PLR2004 -- who knows weekdays of past years
    return f"{weekday}{day.day} {day:%B %Y}"


def _shown(item: TimelineItem) -> Shown:
    name = item.event if item.type == "track" else None
    hidden = [path for path in item.masked if not path.startswith("context")]
    return Shown(item, icon_of(item.type, name), _called(item), _facts(item), bool(hidden))


def _called(item: TimelineItem) -> str:
    if item.type in ("page", "screen"):
        name = item.event or item.properties.get("name")
        return f"Viewed {name}" if isinstance(name, str) and name else f"Viewed a {item.type}"
    known = {"identify": "Identified", "group": "Joined a group", "alias": "Linked to another id"}
    if item.type == "track" and item.event is None:
        return "An event"
    return known.get(item.type, item.title)


def _facts(item: TimelineItem) -> list[tuple[str, str]]:
    """A few plain values, those that people look for first."""
    document = item.traits if item.type in ("identify", "group") and item.traits else item.properties
    said = _said(item)
    plain = [(key, value) for key, value in document.items() if key not in said and _is_plain(value)]
    plain.sort(key=lambda pair: _FIRST.index(pair[0]) if pair[0] in _FIRST else len(_FIRST))
    return [(words_of(key), _short(value)) for key, value in plain[:_TOLD]]


def _said(item: TimelineItem) -> set[str]:
    """What the title says already, or another value says better."""
    if item.type not in ("page", "screen"):
        return set()
    return {"name", "title", "url" if "path" in item.properties else "path"}


def _is_plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and value != ""


def _short(value: Any) -> str:
    if isinstance(value, Pseudonym):
        return value
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
