"""Saying that two people are one, or that they are two for ever."""

from datetime import datetime
from uuid import UUID

from compliance.access import Actor
from profiles.builder.attempt import Restart
from profiles.domain.decisions import evidence, people
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.domain.decisions.evidence import StoredLink, pair_of
from profiles.domain.decisions.outcome import AlreadyDecided, Decided, Undecidable
from profiles.domain.queries.finding import holder_of
from profiles.enums import EvidenceRule


def merge(actor: Actor, a: UUID, b: UUID, *, why: str, now: datetime) -> Decided:
    """Make the two people one, whatever the limits say. What was said of keeping them apart becomes void.

    Raises AlreadyDecided when they are one, Undecidable when the rules leave nothing to join, UnknownPerson, Gone,
    AccessDenied, Busy.
    """
    return decided(actor, lambda deciding: join(deciding, *lock_both(deciding, a, b))[1], why=why, now=now)


def keep_apart(actor: Actor, a: UUID, b: UUID, *, why: str, now: datetime) -> Decided:
    """Have the two people never be one, whatever evidence comes. What was said of their being one becomes void.

    Raises AlreadyDecided when they are kept apart or are one, UnknownPerson, Gone, AccessDenied, Busy.
    """
    return decided(actor, lambda deciding: part(deciding, *lock_both(deciding, a, b))[1], why=why, now=now)


def lock_both(deciding: Deciding, a: UUID, b: UUID) -> tuple[int, int]:
    """The rows of the two people, locked. Raises AlreadyDecided when they are one."""
    first, second = holder_of(a), holder_of(b)
    if first.row == second.row:
        raise AlreadyDecided(
            "The two are one person by now: nothing was changed. Withdraw a link to part them."
        )
    deciding.lock({first.row, second.row})
    rows = holder_of(a).row, holder_of(b).row
    if rows != (first.row, second.row):
        raise Restart
    return rows


def join(deciding: Deciding, a: int, b: int) -> tuple[int, Decided]:
    """Make two locked people (by row) one; returns the id of the decision's evidence too."""
    ends = people.strongest([a, b])
    contrary = [link for link in _decisions_between(a, b) if link.rule is EvidenceRule.KEEP_APART]
    voided = deciding.void(contrary)
    (decision,) = deciding.add(EvidenceRule.MERGE, [pair_of(ends[a], ends[b])])
    deciding.reconsider({*ends.values(), *(end for link in contrary for end in link.pair)})
    outcome = deciding.outcome(ends.values())
    if not outcome.still_one and not outcome.deferred:
        raise Undecidable(
            "The rules leave nothing of the two that may join: look at their identifiers, one may be blocked or shared."
        )
    deciding.record("identity.merge", target=f"evidence:{decision}", detail={"voided": sorted(voided)})
    return decision, outcome


def part(deciding: Deciding, a: int, b: int) -> tuple[int, Decided]:
    """Keep two locked people (by row) apart; returns the id of the decision's evidence too."""
    ends = people.strongest([a, b])
    if are_apart(a, b):
        raise AlreadyDecided("The two are kept apart already: nothing was changed.")
    voided = deciding.void(_decisions_between(a, b))
    (decision,) = deciding.add(EvidenceRule.KEEP_APART, [pair_of(ends[a], ends[b])])
    deciding.reconsider(ends.values())
    outcome = deciding.outcome(ends.values())
    deciding.record("identity.keep_apart", target=f"evidence:{decision}", detail={"voided": sorted(voided)})
    return decision, outcome


def are_apart(a: int, b: int) -> bool:
    """Whether somebody said of these two people (by row) that they are two."""
    return any(link.rule is EvidenceRule.KEEP_APART for link in _decisions_between(a, b))


def _decisions_between(a: int, b: int) -> list[StoredLink]:
    """What counts of earlier decisions about just these two people."""
    return [link for link in evidence.decisions_of([a, b]) if not link.is_withdrawn and link.rows == {a, b}]
