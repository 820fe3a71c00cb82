"""The tab `Social` of a person's page: a card for each network."""

from dataclasses import dataclass
from uuid import UUID

from compliance.access import Actor
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category
from profiles.admin.panels import Content, Panel
from profiles.admin.values import listed
from profiles.domain.queries.social import Presence, social
from profiles.domain.queries.tabs import listed as listed_of
from profiles.social.combining import COUNTED
from profiles.social.facts import SCALE

BAR = 100  # units of the bar of sentiment
_CLEARLY = 0.2  # of a mean from -1 to 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar of sentiment."""

    tone: str
    label: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Card:
    """A network as it is shown. `mood` is how what was said there speaks, with its tone; empty when unrated."""

    presence: Presence
    counts: list[tuple[str, int]]
    mood: str
    tone: str
    parts: list[Part]


def _read(actor: Actor, profile_id: UUID, cursor: str | None) -> Content:
    found = listed_of(actor, profile_id, social, cursor=cursor)
    roles = roles_seeing()
    context = {
        "cards": [_card(each) for each in found.page.items],
        "contact_roles": listed(roles[Category.CONTACT]),
        "behaviour_roles": listed(roles[Category.BEHAVIOUR]),
    }
    return Content(found.person, context, found.page.next)


def _card(presence: Presence) -> Card:
    totals = presence.totals
    if totals is None:
        return Card(presence, [], "", "", [])
    counts = [(name, totals.counts[kind]) for kind, name in COUNTED.items()]
    if not totals.rated:
        return Card(presence, counts, "", "", [])
    mood, tone = _mood(totals.sentiment / totals.rated / SCALE)
    parts: list[Part] = []
    start = 0.0
    for part_tone, label, number in (
        ("good", "positive", totals.positive),
        ("none", "neutral", totals.neutral),
        ("bad", "negative", totals.negative),
    ):
        width = BAR * number / totals.rated
        parts.append(Part(part_tone, label, number, start, width))
        start += width
    return Card(presence, counts, mood, tone, parts)


def _mood(mean: float) -> tuple[str, str]:
    if mean >= _CLEARLY:
        return "Speaks well of us", "good"
    return ("Speaks badly of us", "bad") if mean <= -_CLEARLY else ("Mixed", "")


SOCIAL = Panel("social", "Social", 30, "profiles/social.html", _read, Category.BEHAVIOUR, of_all_sources=True)
