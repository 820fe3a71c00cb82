"""The tab `Behaviour` of a person's page: how each visit went, and what annoyed in it."""

from dataclasses import dataclass
from uuid import UUID

from compliance.access import Actor
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category
from profiles.admin.panels import Content, Panel
from profiles.admin.values import listed
from profiles.behaviour.annoyances import Annoyed
from profiles.domain.queries.behaviour import Annoyance, VisitBehaviour, behaviour
from profiles.domain.queries.tabs import listed as listed_of

_ICONS = {
    Annoyed.RAGE_CLICKS: "ads_click",
    Annoyed.DEAD_CLICKS: "touch_app",
    Annoyed.REPEATED_ERRORS: "error",
    Annoyed.COMPLAINT: "sentiment_dissatisfied",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An annoyance in words."""

    annoyance: Annoyance
    icon: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Card:
    """A visit as it is shown; `facts` are (what, how many or how long)."""

    visit: VisitBehaviour
    annoyances: list[Shown]
    facts: list[tuple[str, str]]
    hides_texts: bool

    @property
    def verdict(self) -> str:
        """How many annoyances there were."""
        count = len(self.annoyances)
        return "1 annoyance" if count == 1 else f"{count} annoyances"


def _read(actor: Actor, profile_id: UUID, cursor: str | None) -> Content:
    found = listed_of(actor, profile_id, behaviour, cursor=cursor)
    roles = roles_seeing()
    context = {
        "cards": [_card(each) for each in found.page.items],
        "behaviour_roles": listed(roles[Category.BEHAVIOUR]),
        "text_roles": listed(roles[Category.UNCLASSIFIED]),
    }
    return Content(found.person, context, found.page.next)


def _card(visit: VisitBehaviour) -> Card:
    shown = [Shown(each, _ICONS[each.kind], sentence(each)) for each in visit.annoyances]
    return Card(visit, shown, _facts(visit), "annoyances.what" in visit.masked)


def sentence(annoyance: Annoyance) -> str:
    """What annoyed, as one tells it."""
    times, what = annoyance.times, f"“{annoyance.what}”" if annoyance.what else ""
    if annoyance.kind is Annoyed.RAGE_CLICKS:
        return f"Clicked {what or 'one spot'} {times} times{_within(annoyance.seconds)}"
    if annoyance.kind is Annoyed.DEAD_CLICKS:
        often = f" {times} times" if times > 1 else ""
        return f"Clicked {what or 'something'}{often} and nothing happened"
    if annoyance.kind is Annoyed.REPEATED_ERRORS:
        return f"Met the {'error ' + what if what else 'same error'} {times} times"
    return f"Complained about {annoyance.what}" if annoyance.what else "Complained"


def _within(seconds: float) -> str:
    if not seconds:
        return ""
    return " in a second" if seconds <= 1 else f" in {round(seconds)} seconds"


def _facts(visit: VisitBehaviour) -> list[tuple[str, str]]:
    found = visit.features
    if found is None:
        return []
    per_minute = found["clicks_per_minute"]
    return [
        ("Pages", str(found["pages"])),
        ("Clicks", str(found["clicks"])),
        ("Elements clicked", str(found["distinct_elements"])),
        ("Mouse-overs", str(found["hovers"])),
        ("Scrolled to", f"{found['scroll_depth']} %" if found["scrolls"] else "—"),
        ("Active", _length(found["active_seconds"])),
        ("Whole visit", _length(found["duration_seconds"])),
        ("Clicks a minute", "—" if per_minute is None else f"{per_minute:g}"),
    ]


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


BEHAVIOUR = Panel("behaviour", "Behaviour", 20, "profiles/behaviour.html", _read, Category.BEHAVIOUR)
