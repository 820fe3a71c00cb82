"""Rows of the audit trail about one person, told as visits: what one reader saw at one time, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from compliance.domain.looking_up import TrailRow
from profiles.admin.values import listed

_TOGETHER = timedelta(seconds=10)
_KINDS = {"staff": "", "token": "API token", "system": "system"}
_SEEN = {
    "person.read": "the profile",
    "person.traits": "the traits",
    "person.timeline": "the timeline",
    "person.sessions": "the visits",
    "person.consents": "the consents",
    "person.consent_history": "the history of consents",
    "consent.give": "this person, and recorded a consent",
    "consent.withdraw": "this person, and recorded that a consent is withdrawn",
    "objection.make": "this person, and recorded an objection",
    "objection.lift": "this person, and lifted an objection",
    "restriction.set": "this person, and restricted processing",
    "restriction.lift": "this person, and lifted a restriction",
    "access.denied": "nothing of this person: the use was refused",
    "person.identifiers": "the identifiers",
    "person.activity": "the activity",
    "person.trait_history": "the history of a trait",
    "person.event": "an event in full",
    "person.stored": "all that sources said of traits and consents",
    "person.export": "an export of this person begin",
    "person.exported": "all of this person, exported to a file",
    "person.export_cut": "part of this person, in an export that broke off",
    "suppression.person": "this person, and suppressed them",
    "person.explain": "why it is one person",
    "person.merges": "the merges",
    "person.households": "the households and groups",
    "household.read": "a household or group of this person",
    "household.members": "this person among the members of a household or group",
    "person.graph": "the identity graph",
    "person.link": "the evidence of a link",
    "person.foresee": "what a decision would do",
    "reviews.list": "this person in the review queue",
    "reviews.open": "this person in the review queue, beside another",
    "identity.withdraw": "a link, and withdrew it",
    "identity.split_off": "an identifier, and split it off",
    "identity.merge": "this person and another, and merged them",
    "identity.keep_apart": "this person and another, and keeps them apart",
    "identity.review_closed": "this person and another, and closed their review",
    "identity.review_undone": "a decision, and took it back",
    "identity.withdraw_import": "what an import said, and withdrew it",
    "person.social": "the social networks",
    "person.behaviour": "the behaviour in visits",
    "person.lookup": "the profile, by an identifier",
    "people.search": "this person in the results of a search",
    "people.newest": "this person in the list of people",
    "people.list": "this person in the list of people",
    "people.behind_events": "events of this person as they arrived",
    "events.watch": "events of this person as they arrived",
    "events.open": "an event of this person",
    "audit.read": "who looked at this person",
}


@dataclass(slots=True)
class Visit:
    """What one reader saw within some seconds; `at` is when it ended."""

    actor: str
    kind: str
    address: str
    at: datetime
    seen: list[str] = field(default_factory=list)
    categories: set[str] = field(default_factory=set)

    @property
    def sentence(self) -> str:
        """What was seen, in its order."""
        *firsts, last = reversed(self.seen)
        return f"saw {', '.join(firsts)} and {last}" if firsts else f"saw {last}"

    @property
    def kinds(self) -> str:
        """The categories of data, as a list in words."""
        return listed(sorted(self.categories))


def visits_of(rows: Sequence[TrailRow]) -> list[Visit]:
    """The rows, newest first, put together."""
    found: list[Visit] = []
    for row in rows:
        if not (found and _belongs(row, found[-1])):
            found.append(Visit(row.actor, _KINDS.get(row.actor_kind, row.actor_kind), row.address, row.at))
        visit = found[-1]
        words = _SEEN.get(row.action, row.action)
        if words not in visit.seen:
            visit.seen.append(words)
        visit.categories.update(row.categories)
    return found


def _belongs(row: TrailRow, visit: Visit) -> bool:
    return (row.actor, row.address) == (visit.actor, visit.address) and visit.at - row.at <= _TOGETHER
