"""Looking at dead letters: reasons may hold personal data, so each look is recorded, and masked by category."""

from dataclasses import dataclass

from compliance.access import Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from streaming.domain import dead_letters
from streaming.domain.dead_letters import DeadLetterRow, UnknownDeadLetter
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
    require(actor, Operation.PIPELINE_VIEW)
    alike = _row(filters.like)
    rows = dead_letters.page(
        consumer=alike.consumer if alike else filters.consumer,
        reason=alike.reason if alike else None,
        state=filters.state,
        before=before,
        size=size + 1,
    )
    groups = letter_groups(state=filters.state, consumer=filters.consumer)
    hides = masked(actor, Category.UNCLASSIFIED)
    _record(actor, hides, "dead_letters.list", "dead letters", len(rows))
    return LetterList(rows[:size], rows[size - 1].id if len(rows) > size else None, groups, hides)


def one_letter(actor: Actor, letter_id: int) -> tuple[DeadLetterRow, bool]:
    """One, and whether its reason is hidden. Raises UnknownDeadLetter, AccessDenied."""
    require(actor, Operation.PIPELINE_VIEW)
    row, hides = dead_letters.get(letter_id), masked(actor, Category.UNCLASSIFIED)
    _record(actor, hides, "dead_letters.show", f"dead letter {letter_id}", 1)
    return row, hides


def _record(actor: Actor, hides: bool, action: str, target: str, found: int) -> None:  # noqa: FBT001 -- private
    seen = [] if hides else [Category.UNCLASSIFIED]
    record_read(actor, action=action, target=target, categories=seen, detail={"found": found})


def _row(letter_id: int | None) -> DeadLetterRow | None:
    try:
        return dead_letters.get(letter_id) if letter_id is not None else None
    except UnknownDeadLetter:
        return None
