"""Identifiers as nodes, evidence as edges, and the star of edges that one event is evidence of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from profiles.enums import EvidenceRule, EvidenceState
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
    """An identifier in the graph. A dormant one was only ever named by an alias, and has no events of its own."""

    id: int
    namespace: int
    value: str = ""
    blocked: bool = False
    shared: bool = False
    dormant: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """One piece of evidence between two nodes."""

    id: int
    a: int
    b: int
    rule: EvidenceRule
    order: OrderKey
    withdrawn: bool = False


class Outcome(NamedTuple):
    """What resolution did with an edge."""

    state: EvidenceState
    refused_by: str = ""


class Link(NamedTuple):
    """An edge as an event shows it."""

    a: Identifier
    b: Identifier
    rule: EvidenceRule


def star(identifiers: Sequence[Identifier], rules: Rules) -> list[Link]:
    """The links of an event: from its strongest identifier to each other one.

    When the strongest one is blocked, its links are kept (unblocking must not be a loss) and the strongest
    usable one is a centre too.
    """
    if len(identifiers) < 2:  # noqa: PLR2004 -- a link has two ends
        return []
    ranked = sorted(identifiers, key=lambda each: (rules.by_id[each.namespace].priority, each.value))
    links = [Link(ranked[0], other, EvidenceRule.EVENT) for other in ranked[1:]]
    usable = [each for each in ranked if not rules.by_id[each.namespace].blocks(each.value)]
    if usable and usable[0] != ranked[0]:
        links += [Link(usable[0], other, EvidenceRule.EVENT) for other in usable[1:]]
    return links


def alias_links(centre: Identifier, previous: Sequence[Identifier]) -> list[Link]:
    """The links of an alias call to the former ids; a self-alias says nothing."""
    return [Link(centre, each, EvidenceRule.ALIAS) for each in previous if each != centre]
