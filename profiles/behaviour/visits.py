"""Visits as sets of facts, cut by the rule that sessions have (profiles.sessions.cutting).

A visit is a pure function of the set of its facts. It keeps the earliest of them, up to MOST_FACTS, and the time of
its last event; so putting together what is known with what is new gives what all events at once would give.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind
from profiles.sessions.cutting import in_order, is_boundary
from profiles.sessions.points import Mark

MOST_FACTS = 2000  # nobody does more in one visit, but programs do


@dataclass(frozen=True, slots=True)
class Visit:
    """`facts` stand in order; `last_at` (microseconds since 2000) is of the last event, also when some were left out.

    `key` is the id that an SDK gave the visit, empty if it gave none. `is_cut` says that facts were left out.
    """

    anchor: str
    source_id: int
    key: str
    facts: tuple[Fact, ...]
    last_at: int
    is_cut: bool = False

    @property
    def first_at(self) -> int:
        """When it began, in microseconds since 2000."""
        return self.facts[0].time

    @property
    def id(self) -> UUID:
        """The same for the same key of an SDK, else for the same first event."""
        begin = self.key.encode(errors="replace") or self.facts[0].message
        said = f"{self.anchor}\0{self.source_id}\0{len(self.key)}\0".encode() + begin
        return UUID(bytes=blake2b(said, digest_size=16, person=b"behaviour").digest())

    @property
    def is_shown(self) -> bool:
        """Whether anything was done in it that behaviour is about."""
        return any(fact.kind > Kind.VIEW for fact in self.facts)

    @property
    def purposes(self) -> list[str]:
        """The distinct records of what its facts may be used for."""
        return sorted({fact.purposes for fact in self.facts})


def visit_of(anchor: str, source_id: int, fact: Fact, key: str = "") -> Visit:
    """The visit of a single event."""
    return Visit(anchor, source_id, key, (fact,), fact.time)


def join(visits: Sequence[Visit], timeout: int) -> list[Visit]:
    """What these visits of one anchor, source and key are together, in order of time.

    `timeout` is how long one outlives its last event, in microseconds; who has a key needs none.
    """
    if len(visits) <= 1:
        return list(visits)
    facts = {fact.message: fact for visit in visits for fact in visit.facts}.values()
    cut = [visit for visit in visits if visit.is_cut]
    parts = [sorted(facts)] if visits[0].key else _parts(facts, cut, timeout)
    return [_one(visits[0], part, cut) for part in parts]


def _parts(facts: Iterable[Fact], cut: Sequence[Visit], timeout: int) -> list[list[Fact]]:
    parts: list[list[Fact]] = []
    last: Fact | None = None
    for fact in in_order(sorted(facts)):
        if last is None or _parted(last, fact, _reach(last, cut), timeout):
            parts.append([])
        parts[-1].append(fact)
        last = fact
    return parts


def _parted(last: Fact, fact: Fact, reach: int, timeout: int) -> bool:
    if reach <= last.time:
        return is_boundary(last.time, last.mark, fact.time, fact.mark, timeout)
    return fact.time > reach and is_boundary(reach, Mark.NONE, fact.time, fact.mark, timeout)


def _reach(last: Fact, cut: Iterable[Visit]) -> int:
    """Until when events followed this one that were left out: they came after the last that was kept."""
    return max((visit.last_at for visit in cut if visit.facts[-1].time <= last.time), default=last.time)


def _one(like: Visit, facts: list[Fact], cut: Sequence[Visit]) -> Visit:
    here = {fact.message for fact in facts} if cut else frozenset[bytes]()
    own = [visit for visit in cut if visit.facts[-1].message in here]
    return Visit(
        like.anchor,
        like.source_id,
        like.key,
        tuple(facts[:MOST_FACTS]),
        max([facts[-1].time, *(visit.last_at for visit in own)]),
        is_cut=len(facts) > MOST_FACTS or bool(own),
    )
