"""Visits as sets of facts: events of one anchor and source, of which none comes long after the one before.

A visit is a pure function of the set of its facts. It keeps the earliest of them, up to MOST_FACTS, and the time of
its last event; from these parts two visits that a late event joins give the same visit as if all had come at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind

MOST_FACTS = 2000  # nobody does more in one visit, but programs do

Timeout = Callable[[int], int]
"""How long a visit of a source outlives its last event, in microseconds."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`facts` are sorted; `last_at` (microseconds since 2000) is of the last event, also when facts were left out.

    `is_cut` says that some were. `purposes` are the distinct records of what the facts may be used for.
    """

    anchor: str
    source_id: int
    facts: tuple[Fact, ...]
    last_at: int
    is_cut: bool = False
    purposes: frozenset[str] = frozenset()

    @property
    def first_at(self) -> int:
        """When it began, in microseconds since 2000."""
        return self.facts[0].moment.time

    @property
    def id(self) -> UUID:
        """The same for the same first event."""
        said = f"{self.anchor}\0{self.source_id}\0".encode() + self.facts[0].moment.message
        return UUID(bytes=blake2b(said, digest_size=16, person=b"behaviour").digest())

    @property
    def is_shown(self) -> bool:
        """Whether anything was done in it that behaviour is about."""
        return any(fact.kind > Kind.VIEW for fact in self.facts)


def visit_of(anchor: str, source_id: int, fact: Fact, purposes: str = "") -> Visit:
    """The visit of a single event."""
    return Visit(anchor, source_id, (fact,), fact.moment.time, purposes=frozenset({purposes}))


def join(visits: Iterable[Visit], timeout: int) -> list[Visit]:
    """These visits of one anchor and source, in order of time, those that touch as one."""
    joined: list[Visit] = []
    group: list[Visit] = []
    last_at = 0
    for visit in sorted(visits, key=lambda each: each.first_at):
        if group and visit.first_at - last_at > timeout:
            joined.append(_one(group))
            group = []
        last_at = max(last_at, visit.last_at) if group else visit.last_at
        group.append(visit)
    return [*joined, _one(group)] if group else joined


def _one(visits: Sequence[Visit]) -> Visit:
    first = visits[0]
    if len(visits) == 1:
        return first
    facts = sorted({fact.moment: fact for visit in visits for fact in visit.facts}.values())
    return Visit(
        first.anchor,
        first.source_id,
        tuple(facts[:MOST_FACTS]),
        max(visit.last_at for visit in visits),
        is_cut=len(facts) > MOST_FACTS or any(visit.is_cut for visit in visits),
        purposes=frozenset().union(*(visit.purposes for visit in visits)),
    )
