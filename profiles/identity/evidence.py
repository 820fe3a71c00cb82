"""Identifiers as nodes, evidence as edges, and the star of edges that one event is evidence of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from profiles.enums import ContentUse, EvidenceRule, EvidenceState
from profiles.identity.rules import Rules


class Identifier(NamedTuple):
    """A namespace (by id) and a normalised value."""

    namespace: int
    value: str


class OrderKey(NamedTuple):
    """What orders everything that events say: event time first."""

    time: datetime
    source_id: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Node:
    """An identifier in the graph.

    One that is not `present` was only ever named by an alias or found in a text, and joins nobody before it stands in
    an event itself.
    """

    id: int
    namespace: int
    value: str = ""
    blocked: bool = False
    shared: bool = False
    present: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """One piece of evidence between two nodes. One with `via` decides only while that node is blocked."""

    id: int
    a: int
    b: int
    rule: EvidenceRule
    order: OrderKey
    withdrawn: bool = False
    via: int | None = None


class Outcome(NamedTuple):
    """What resolution did with an edge."""

    state: EvidenceState
    refused_by: str = ""


class Found(NamedTuple):
    """An identifier that was found in a text, which stands at the path `place` of the event."""

    identifier: Identifier
    place: str


class Link(NamedTuple):
    """An edge as an event shows it. One with `via` decides only while that identifier is blocked."""

    a: Identifier
    b: Identifier
    rule: EvidenceRule
    via: Identifier | None = None
    place: str = ""


def star(
    identifiers: Sequence[Identifier], rules: Rules, verified: Collection[Identifier] = ()
) -> list[Link]:
    """The links of an event: from its user id, else from its strongest identifier, to each other one.

    The strongest usable one after that is the centre of a second star: it decides while the first centre is
    blocked, now or later, and tells of values that are shared. `verified` are values that the event says it
    verified.
    """
    if len(identifiers) < 2:  # noqa: PLR2004 -- a link has two ends
        return []
    centre, *others = sorted(identifiers, key=lambda each: _strength(each, rules))
    links = [Link(centre, other, _rule(centre, other, verified)) for other in others]
    return links + _second_star(centre, others, rules, verified)


def _strength(identifier: Identifier, rules: Rules) -> tuple[bool, int, str]:
    return (
        identifier.namespace != rules.user,
        rules.by_id[identifier.namespace].priority,
        identifier.value,
    )


def _rule(
    a: Identifier, b: Identifier, verified: Collection[Identifier], other: EvidenceRule = EvidenceRule.EVENT
) -> EvidenceRule:
    return EvidenceRule.VERIFIED if verified and (a in verified or b in verified) else other


def _second_star(
    centre: Identifier, others: Sequence[Identifier], rules: Rules, verified: Collection[Identifier]
) -> list[Link]:
    if len(others) < 2:  # noqa: PLR2004 -- a link has two ends
        return []
    second = next((each for each in others if not rules.by_id[each.namespace].blocks(each.value)), None)
    if second is None:
        return []
    pairs = [(second, other) for other in others if other != second]
    pairs += _telling_of_sharing([each for each in others if each != second], rules)
    return [
        Link(a, b, _rule(a, b, verified, EvidenceRule.IMPLIED), via=centre) for a, b in dict.fromkeys(pairs)
    ]


def _telling_of_sharing(rest: Sequence[Identifier], rules: Rules) -> list[tuple[Identifier, Identifier]]:
    """Pairs of a value that may be shared and one of a unique namespace, beyond those of both stars."""
    unique = [each for each in rest if rules.by_id[each.namespace].unique]
    shareable = [each for each in rest if rules.by_id[each.namespace].shareable]
    return [(a, b) for a in unique for b in shareable if a != b]


def alias_links(centre: Identifier, previous: Sequence[Identifier]) -> list[Link]:
    """The links of an alias call to the former ids; a self-alias says nothing."""
    return [Link(centre, each, EvidenceRule.ALIAS) for each in previous if each != centre]


def content_links(centre: Identifier, found: Sequence[Found], rules: Rules) -> list[Link]:
    """The links from an event's centre (`a`) to what was found in its texts (`b`)."""
    return [
        Link(centre, each.identifier, EvidenceRule.CONTENT, place=each.place)
        for each in dict.fromkeys(found)
        if each.identifier != centre and rules.by_id[each.identifier.namespace].content is not ContentUse.OFF
    ]
