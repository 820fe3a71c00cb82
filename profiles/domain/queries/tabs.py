"""What the further tabs of a person's page show: the person, and one subject in depth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import F

from compliance.access import Actor, require
from compliance.domain.looking_up import TrailRow, entries_about
from compliance.enums import Operation
from profiles.domain.queries.explain import Explanation, explain
from profiles.domain.queries.graph import graph
from profiles.domain.queries.graph_elements import Graph
from profiles.domain.queries.handovers import Handed, handovers_around
from profiles.domain.queries.lineage import lineage
from profiles.domain.queries.merges import Change
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.paging import Page
from profiles.domain.queries.shown import Person
from profiles.models import Anchor

T = TypeVar("T")
LINKS_SHOWN = 100  # of each kind: a page with many more of them takes seconds to make
MAX_IDS = 500  # of a person; who has more devices than that is read by the first of them


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a person is one person."""

    person: Person
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class History:
    """How a person came to be who they are, and which of their identifiers changed hands."""

    person: Person
    page: Page[Change]
    handovers: list[Handed]


@dataclass(frozen=True, slots=True)
class PersonGraph:
    """What a person is made of."""

    person: Person
    graph: Graph


@dataclass(frozen=True, slots=True)
class Accesses:
    """Who looked at a person, newest first; `next` is where the following page begins."""

    person: Person
    entries: list[TrailRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A person, and a page of one of their lists."""

    person: Person
    page: Page[T]


def reasons(actor: Actor, profile_id: UUID) -> Reasons:
    """Raises UnknownPerson, Gone, AccessDenied."""
    return Reasons(known_person(actor, profile_id), explain(actor, profile_id, most=LINKS_SHOWN))


def history(actor: Actor, profile_id: UUID, *, cursor: str | None = None) -> History:
    """Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    found = known_person(actor, profile_id)
    handovers = [] if cursor else handovers_around(actor, found)
    return History(found, lineage(actor, profile_id, cursor=cursor), handovers)


def person_graph(actor: Actor, profile_id: UUID) -> PersonGraph:
    """Raises UnknownPerson, Gone, AccessDenied."""
    return PersonGraph(known_person(actor, profile_id), graph(actor, profile_id))


def listed(
    actor: Actor, profile_id: UUID, listing: Callable[..., Page[T]], *, cursor: str | None = None
) -> Listed[T]:
    """A list of whoever holds this id; `listing` takes the actor, the id and `cursor`, and asks and records itself.

    Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.
    """
    return Listed(known_person(actor, profile_id), listing(actor, profile_id, cursor=cursor))


def accesses(actor: Actor, profile_id: UUID, *, before: int | None = None, limit: int = 100) -> Accesses:
    """The rows of the audit trail about any id of the person. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.AUDIT_VIEW)
    found = known_person(actor, profile_id)
    # By an expression, or PostgreSQL goes through the anchors of everybody in order until it has enough.
    ids = Anchor.objects.filter(profile_id=found.row).order_by(F("id") + 0).values_list("birth_id", flat=True)
    rows = entries_about(actor, [found.id, *ids[:MAX_IDS]], before=before, limit=limit + 1)
    return Accesses(found, rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
