"""What has to happen so that the people of a cluster are those of the pure function, in steps of bounded size."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from profiles.builder import anchors, binary
from profiles.builder.closure import Closure, StoredNode, closure
from profiles.builder.recompute import Recomputed, recompute
from profiles.builder.rules import RuleBook
from profiles.recomputing.leasing import LeaseLost

STEP = 500  # identifiers, links or people that one transaction changes
MOST_MOVED = 2_000  # anchors that one transaction moves

_DUE_AT = "SELECT due_at FROM profiles_cluster WHERE id = %s AND due_at IS NOT NULL"
_MEMBERS = """
SELECT i.id FROM profiles_identifier i JOIN profiles_profile p ON p.id = i.profile_id WHERE p.cluster_id = %s
"""
_BORN = """
SELECT p.id, p.first_seen, p.public_id::text, a.home_id FROM profiles_profile p JOIN profiles_anchor a ON a.birth_id = p.public_id
WHERE p.id = ANY(%s)
"""
# No more of them is counted than tells whether they are too many.
_HELD = """
SELECT k.id, (SELECT count(*) FROM (SELECT FROM profiles_anchor WHERE profile_id = k.id LIMIT %s) a)
FROM unnest(%s) AS k(id)
"""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Step:
    """People (by row) to be rearranged, all identifiers that they and their hosts have, and who is one person then.

    Hosts are people to whom anchors go because their homes are there.
    """

    rows: frozenset[int]
    stored: dict[int, StoredNode]
    people: tuple[frozenset[int], ...]

    def beside(self, other: "Step") -> "Step | None":
        """Both at once, if they are few, and neither changes whom the other is about."""
        mine, theirs = self.about(), other.about()
        if self.rows & theirs or other.rows & mine or len(self.stored) + len(other.stored) > STEP:
            return None
        return Step(
            self.rows | other.rows,
            self.stored | other.stored,
            tuple(dict.fromkeys((*self.people, *other.people))),
        )

    def about(self) -> frozenset[int]:
        """Whose rows it locks."""
        return self.rows | {node.profile for node in self.stored.values() if node.profile is not None}


@dataclass(frozen=True, slots=True)
class Carry:
    """Somebody (by row) with more anchors than one step moves, and who takes them over in a later one."""

    row: int
    by: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The next steps: births, then splits, then carrying anchors over, then merges. Without any, all is as decided.

    It holds while the cluster is due since `due_at`: whoever else decides its people sets that anew.
    """

    due_at: datetime
    book: RuleBook
    found: Closure
    decided: Recomputed
    steps: list[Step]
    carries: list[Carry]


def make_plan(connection: psycopg.Connection[Any], book: RuleBook, cluster: int) -> Plan:
    """Read all that belongs to the cluster, within one snapshot, and plan. Locks nothing. Raises LeaseLost."""
    row = connection.execute(_DUE_AT, (cluster,)).fetchone()
    if row is None:
        raise LeaseLost
    seeds = [row for (row,) in connection.execute(_MEMBERS, (cluster,)).fetchall()]
    found = closure(connection, seeds, book.namespaces, most_edges=2**62)
    decided = recompute(found, book.namespaces)
    planning = _Planning(connection, found, decided)
    parted = next((some for each in (planning.births(), planning.splits()) if (some := _combined(each))), [])
    carries = [] if parted else planning.carries()
    steps = parted or ([] if carries else _combined(planning.merges()))
    return Plan(row[0], book, found, decided, steps, carries)


class _Planning:
    def __init__(self, connection: psycopg.Connection[Any], found: Closure, decided: Recomputed) -> None:
        self._connection = connection
        self._people = decided.people
        self._stored = found.stored
        self._place = {member: at for at, members in enumerate(decided.people) for member in members}
        self._of_row: dict[int, set[int]] = defaultdict(set)
        for node in found.stored.values():
            if node.profile is not None:
                self._of_row[node.profile].add(node.id)
        self._homes: dict[int, set[int | None]] = defaultdict(set)
        for row, home in anchors.homes_of(connection, found.rows):
            self._homes[row].add(home)
        rows = connection.execute(_BORN, (binary.bigints(sorted(found.rows)),), binary=True)
        self._seniority: dict[int, tuple[datetime, str]] = {}
        self._born: dict[int, int | None] = {}  # where the anchor lives that a person has the id of
        for row, first_seen, public_id, home in rows:
            self._seniority[row] = (first_seen, public_id)
            self._born[row] = home

    def births(self) -> Iterator[Step]:
        """Sets of which nobody has anything yet."""
        for members in self._people:
            if all(self._stored[member].profile is None for member in members):
                yield self._step((), [members], members)

    def splits(self) -> Iterator[Step]:
        """People who have what is not of one set: what leaves them, so much at a time."""
        for row, mine in sorted(self._of_row.items()):
            places = {self._place.get(member) for member in mine}
            places |= {None if home is None else self._place.get(home) for home in self._homes[row]}
            if len(places) > 1 or None in places:
                yield from self._split(row, mine)

    def _split(self, row: int, mine: set[int]) -> Iterator[Step]:
        pieces: dict[int, set[int]] = defaultdict(set)
        for member in mine:
            if (place := self._place.get(member)) is not None:
                pieces[place].add(member)
        born = self._born.get(row)
        keeper = None if born is None else self._place.get(born)
        leaving = [frozenset(members) for place, members in sorted(pieces.items()) if place != keeper]
        guests = {home for home in self._homes[row] if home in self._place and home not in mine}
        has = set(mine)
        for some in _chunks(leaving, len) or [[]]:
            rest = frozenset(member for members in pieces.values() for member in members & has)
            rest = rest.difference(*some)
            people = [*some, *([rest] if rest else []), *(frozenset({guest}) for guest in guests)]
            yield self._step({row}, people, has | guests)
            has = set(rest)

    def carries(self) -> list[Carry]:
        """Who has more anchors than a merge moves in one step, of those whom others take over."""
        merging = {
            row: heir
            for heir, *others in map(self._by_age, map(self._rows_of, self._people))
            for row in others
        }
        if not merging:
            return []
        parameters = (MOST_MOVED + 1, binary.bigints(sorted(merging)))
        held = self._connection.execute(_HELD, parameters, binary=True)
        return [Carry(row, merging[row]) for row, count in held if count > MOST_MOVED]

    def _rows_of(self, members: frozenset[int]) -> set[int]:
        return {row for member in members if (row := self._stored[member].profile) is not None}

    def _by_age(self, rows: set[int]) -> list[int]:
        return sorted(rows, key=self._seniority.__getitem__)

    def merges(self) -> Iterator[Step]:
        """Sets that several people have, or that are more than their person has."""
        for members in self._people:
            loose = {member for member in members if self._stored[member].profile is None}
            rows = self._rows_of(members)
            if len(rows) < 2 and not loose:  # noqa: PLR2004 -- one person has it all
                continue
            first, *others = self._by_age(rows)
            for some in _chunks(others, lambda row: len(self._of_row[row])) or [[]]:
                has = {member for row in (first, *some) for member in self._of_row[row]} | loose
                yield self._step({first, *some}, [frozenset(has)], has)

    def _step(self, rows: Iterable[int], people: Sequence[frozenset[int]], has: Iterable[int]) -> Step:
        return Step(frozenset(rows), {member: self._stored[member] for member in has}, tuple(people))


def _chunks(items: Iterable[_T], size: Callable[[_T], int]) -> list[list[_T]]:
    """The items in lists of about STEP together."""
    found: list[list[_T]] = []
    total = STEP
    for each in items:
        if total >= STEP:
            found.append([])
            total = 0
        found[-1].append(each)
        total += size(each)
    return found


def _combined(steps: Iterable[Step]) -> list[Step]:
    """The steps in their order, those that go together in one."""
    found: list[Step] = []
    for step in steps:
        both = found[-1].beside(step) if found else None
        if both is None:
            found.append(step)
        else:
            found[-1] = both
    return found
