"""Sources that collect for a purpose: events of people who may not be used for it are not taken.

The collector leaves of an event that refuses the purpose itself nothing but the refusal (`collected_for` says which
purpose it is). Here what is known of its people decides: what their anchors said, what they declared, and what other
events of the batch say. Of an event that is not taken only its refusal is kept, where the anchor is known already.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from compliance.gate import NOTHING_SAID, PurposeRule, Said, purpose_rules
from profiles.builder.arrival import Arrival
from profiles.builder.binary import microseconds
from profiles.enums import DeclarationKind
from profiles.identity.rules import Rules

Connection = psycopg.Connection[Any]

_WHO = """
SELECT k.place, a.profile_id, a.id FROM unnest(%s::int[], %s::bytea[]) AS k(place, key)
JOIN profiles_anchor a ON a.key = k.key
UNION ALL
SELECT k.place, i.profile_id, NULL FROM unnest(%s::int[], %s::smallint[], %s::text[]) AS k(place, namespace, value)
JOIN profiles_identifier i ON i.namespace_id = k.namespace AND i.value = k.value WHERE i.profile_id IS NOT NULL
"""
_CONSENTS = """
SELECT a.profile_id, a.key, c.purpose, c.granted, c.timestamp
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT purpose, granted, timestamp FROM profiles_consent WHERE anchor_id = a.id AND purpose = ANY(%s::text[]) OFFSET 0
) c
WHERE a.profile_id = ANY(%s::bigint[])
"""
_DECLARED = """
SELECT a.profile_id, d.kind, d.purpose
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT DISTINCT ON (kind, purpose) kind, purpose, holds FROM profiles_declaration
    WHERE anchor_id = a.id AND kind <> 'consent' ORDER BY kind, purpose, id DESC OFFSET 0
) d
WHERE a.profile_id = ANY(%s::bigint[]) AND d.holds
"""


class _Who(NamedTuple):
    """Whom an event names (namespace and value), the people (rows) it is of so far, and its anchor where there is one already."""

    named: frozenset[tuple[int, str]]
    people: frozenset[int]
    anchor: int | None

    def may_be(self, other: "_Who") -> bool:
        """Whether both are of one person, as far as can be told before the batch is resolved."""
        return not (self.named.isdisjoint(other.named) and self.people.isdisjoint(other.people))


class _Newest:
    """Of each anchor the newest that was said of a purpose; of what was said at once a refusal."""

    def __init__(self) -> None:
        self._said: dict[bytes, tuple[int, bool]] = {}

    def add(self, anchor_key: bytes, time: int, *, granted: bool) -> None:
        """Something that was said."""
        said = (time, not granted)
        if anchor_key not in self._said or self._said[anchor_key] < said:
            self._said[anchor_key] = said

    def stances(self) -> set[bool]:
        """Whether it is granted, by any anchor."""
        return {not is_refusal for _, is_refusal in self._said.values()}


class Permitted(NamedTuple):
    """The events that may be taken, and what others said of purposes, with the ids of their anchors.

    That is stored last, as consents are: rows of people are locked before (docs/architecture.md).
    """

    arrivals: list[Arrival]
    heard: Sequence[tuple[int, Arrival]] = ()


def permitted(connection: Connection, arrivals: Sequence[Arrival], rules: Rules) -> Permitted:
    """Those that may be taken, and what is to be heard of the others."""
    bound = [each for each in arrivals if each.collected_for]
    if not bound:
        return Permitted(list(arrivals))
    gate = _Gate(connection, arrivals, bound, rules)
    denied = [each for each in bound if not gate.lets(each)]
    known = [(gate.who[each.key].anchor, each) for each in denied if each.consents]
    gone = {each.key for each in denied}
    taken = [each for each in arrivals if each.key not in gone]
    return Permitted(taken, [(anchor, each) for anchor, each in known if anchor is not None])


class _Gate:
    """What is known of the people of a batch: read in three statements, however many there are."""

    def __init__(
        self, connection: Connection, arrivals: Sequence[Arrival], bound: Sequence[Arrival], rules: Rules
    ) -> None:
        keys = sorted({each.collected_for for each in bound})
        found = purpose_rules(keys, run=lambda sql, given: connection.execute(sql, given).fetchall())
        self._rules = {rule.key: rule for rule in found}
        self._speaking = [each for each in arrivals if each.consents]
        self.who = _who(connection, {each.key: each for each in (*bound, *self._speaking)}, rules)
        people = sorted({row for each in bound for row in self.who[each.key].people})
        names = sorted({name for rule in self._rules.values() for name in rule.names})
        self._stored = _by_person(connection.execute(_CONSENTS, (names, people)))
        self._declared = _by_person(connection.execute(_DECLARED, (people,)))

    def lets(self, arrival: Arrival) -> bool:
        """Whether the event may be taken; not where there is no such purpose."""
        rule = self._rules.get(arrival.collected_for)
        return rule is not None and rule.permits(self._said(arrival, rule))

    def _said(self, arrival: Arrival, rule: PurposeRule) -> Said:
        who, newest = self.who[arrival.key], _Newest()
        for row in who.people:
            for key, name, granted, at in self._stored.get(row, ()):
                if name in rule.names:
                    newest.add(bytes(key), microseconds(at), granted=granted)
        for other in self._speaking:
            if other.anchor_key == arrival.anchor_key or who.may_be(self.who[other.key]):
                for name in rule.names & other.consents.keys():
                    newest.add(other.anchor_key, other.time, granted=other.consents[name])
        stances = newest.stances()
        declared = [each for row in who.people for each in self._declared.get(row, ())]
        return NOTHING_SAID._replace(
            granted=frozenset({rule.key} if True in stances else ()),
            refused=frozenset({rule.key} if False in stances else ()),
            objected=frozenset(purpose for kind, purpose in declared if kind == DeclarationKind.OBJECTION),
            restricted=any(kind == DeclarationKind.RESTRICTION for kind, _ in declared),
        )


def _who(connection: Connection, arrivals: Mapping[Any, Arrival], rules: Rules) -> dict[Any, _Who]:
    """Whom these events are of, by the key of the message."""
    keys, read = list(arrivals), list(arrivals.values())
    named = [
        (place, each.namespace, each.value)
        for place, arrival in enumerate(read)
        for each in arrival.identifiers
        if rules.by_id[each.namespace].level.resolves and not rules.by_id[each.namespace].blocks(each.value)
    ]
    places, namespaces, values = map(list, zip(*named, strict=True)) if named else ([], [], [])
    given = (list(range(len(read))), [each.anchor_key for each in read], places, namespaces, values)
    people: dict[int, set[int]] = defaultdict(set)
    anchors: dict[int, int] = {}
    for place, row, anchor in connection.execute(_WHO, given).fetchall():
        if row is not None:
            people[place].add(row)
        if anchor is not None:
            anchors[place] = anchor
    names: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for place, namespace, value in named:
        names[place].add((namespace, value))
    return {
        key: _Who(frozenset(names[place]), frozenset(people[place]), anchors.get(place))
        for place, key in enumerate(keys)
    }


def _by_person(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row, *said in rows:
        found[row].append(tuple(said))
    return found
