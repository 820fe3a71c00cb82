"""What the identity graph of a person is made of: identifiers, what bundles those that are too many, and the lines between them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from profiles.domain.queries.identifiers import Standing
from profiles.enums import Level


class Tie(StrEnum):
    """What a line of the graph says of its two ends; of several pieces of evidence the first of these counts."""

    KEPT_APART = "kept_apart"  # a member of staff said that they are two people
    ACCEPTED = "accepted"  # one person
    REFUSED = "refused"  # a rule forbids it
    PENDING = "pending"  # waits for the recomputation of its cluster
    PROPOSED = "proposed"  # found in a text, and shown for review
    ATTACHED = "attached"  # a group, a household, or a value that several people have
    IGNORED = "ignored"  # an end is blocked
    WITHDRAWN = "withdrawn"  # void

    @property
    def leads_to_others(self) -> bool:
        """Whether it ties a person to somebody else."""
        return self in {Tie.KEPT_APART, Tie.REFUSED, Tie.PROPOSED, Tie.PENDING}


@dataclass(frozen=True, slots=True)
class GraphNode:
    """An identifier. `key` names it within the graph. `value` is None when it is masked.

    `name` is what staff call its namespace, `written` the value as people write it.
    `other` is the id of the person who has it, when that is somebody else; `is_own` whether it is this person's.
    """

    key: str
    namespace: str
    name: str
    value: str | None
    written: str | None
    level: Level
    standing: Standing
    first_seen: datetime
    is_own: bool
    other: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Further identifiers of one namespace that are not drawn one by one."""

    key: str
    namespace: str
    name: str
    level: Level
    count: int


@dataclass(frozen=True, slots=True)
class GraphLink:
    """A line between two keys. `evidence` are its pieces, the earliest first; empty where `count` lines are one.

    `merged_at` is when this link was among those that made two people one; None when it never was.
    """

    a: str
    b: str
    tie: Tie
    evidence: tuple[int, ...]
    sources: int
    first_at: datetime
    merged_at: datetime | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    """All that is drawn. `is_cut` says that there is more than that, beside the bundles."""

    id: UUID
    nodes: list[GraphNode] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    links: list[GraphLink] = field(default_factory=list)
    is_cut: bool = False
