"""What resolving a batch brought about."""

from dataclasses import dataclass, field

from profiles.builder.anchors import Moved, NewAnchor
from profiles.builder.person import Person


@dataclass(slots=True)
class Merge:
    """`source` (its public id) became part of `target`, with these anchors."""

    source: str
    target: Person
    anchors: list[Moved]
    evidence: list[int]  # the chain of links that led from the target to it


@dataclass(slots=True)
class Split:
    """The person of `source` (a public id) was taken apart: each anchor that left with who has it now.

    `rest` is the person as they go on; None when nothing stayed. `others` are all who have something of it now.
    """

    source: str
    version: int
    rest: Person | None
    others: list[Person]
    anchors: list[tuple[Moved, Person | None]]
    evidence: list[int]  # links that held it together and no longer do

    @property
    def parts_people(self) -> bool:
        """Whether anything went on as somebody else; not when the person only has an identifier less."""
        return bool(self.anchors) or any(person is not self.rest for person in self.others)


@dataclass(slots=True)
class Resolution:
    """Who is who after the batch.

    `people` are the locked and the new ones by row; `heirs` says for each locked row who has its anchors now
    (absent when unchanged), `owners` the same for the single anchors of people who were taken apart, and of nobody
    until now: those are `adopted`. `attached` are the identifiers of groups, households and shared values that new links
    name, `refused` is how many links a rule forbids now.
    """

    people: dict[int, Person] = field(default_factory=dict)
    heirs: dict[int, Person] = field(default_factory=dict)
    owners: dict[int, Person | None] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)  # mapping versions of the anchors that moved
    anchors: dict[bytes, NewAnchor] = field(default_factory=dict)
    evidence: dict[bytes, int] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    adopted: list[tuple[Moved, Person]] = field(default_factory=list)
    attached: set[int] = field(default_factory=set)
    refused: int = 0
    gone: set[int] = field(default_factory=set)  # rows of people who are no more
