"""What the further tabs of a person's page show: the person, and one subject in depth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from compliance.access import Actor, require
from compliance.domain.looking_up import TrailRow, entries_about
from compliance.enums import Operation
from profiles.domain.queries.explain import Explanation, explain
from profiles.domain.queries.merges import Merge, merges
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.paging import Page
from profiles.domain.queries.people import Person
from profiles.models import Anchor

T = TypeVar("T")
MAX_IDS = 500  # of a person; who has more devices than that is read by the first of them


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a person is one person."""

    person: Person
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Mergers:
    """How a person came to be one."""

    person: Person
    page: Page[Merge]


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
    return Reasons(known_person(actor, profile_id), explain(actor, profile_id))


def mergers(actor: Actor, profile_id: UUID, *, cursor: str | None = None) -> Mergers:
    """Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    return Mergers(known_person(actor, profile_id), merges(actor, profile_id, cursor=cursor))


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
    ids = Anchor.objects.filter(profile_id=found.row).order_by("id").values_list("birth_id", flat=True)
    rows = entries_about(actor, [found.id, *ids[:MAX_IDS]], before=before, limit=limit + 1)
    return Accesses(found, rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
