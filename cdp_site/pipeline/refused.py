"""Looking at dead letters, and at the groups that they are of."""

from dataclasses import dataclass

from compliance.access import Actor
from compliance.payloads import sees_everything
from streaming.domain import dead_letters
from streaming.domain.dead_letters import DeadLetterRow
from streaming.domain.queries.letters import LetterGroup, letter_groups


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Which dead letters to show. `like` is the id of one: those of the same consumer and reason."""

    consumer: str | None = None
    like: int | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class LetterList:
    """A page of dead letters, `next` to go on below, and the groups that they are of. Reasons may be hidden."""

    rows: list[DeadLetterRow]
    next: int | None
    groups: list[LetterGroup]
    hides_reasons: bool


def letter_list(
    actor: Actor, filters: LetterFilter, *, before: int | None = None, size: int = 50
) -> LetterList:
    """The newest first. Raises AccessDenied."""
    rows = dead_letters.page(
        actor=actor,
        consumer=filters.consumer,
        like=filters.like,
        state=filters.state,
        before=before,
        size=size + 1,
    )
    groups = letter_groups(state=filters.state, consumer=filters.consumer)
    hides = not sees_everything(actor)
    return LetterList(rows[:size], rows[size - 1].id if len(rows) > size else None, groups, hides)
