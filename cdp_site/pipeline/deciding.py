"""Deciding on dead letters: what it would do, and doing it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from compliance.access import Actor, require
from compliance.enums import Operation
from streaming.domain import dead_letters
from streaming.domain.queries.letters import group_of, ids_like, undecided
from streaming.domain.resubmissions.starting import Choice, NothingToResubmit, start
from streaming.enums import DeadLetterState

AT_ONCE = 10_000


class Decision(StrEnum):
    """What to do with dead letters."""

    RESUBMIT = "resubmit"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do: to these ids, by consumer. `asked` may be more: some are decided already.

    With `like`, it is about all letters like that one, however many, as a job; then there are no ids.
    """

    ids: list[int]
    by_consumer: dict[str, int]
    asked: int
    like: int | None = None

    @property
    def letters(self) -> int:
        """How many it is about."""
        return sum(self.by_consumer.values())


def preview_of(actor: Actor, ids: Sequence[int], *, like: int | None = None) -> Preview:
    """Of these, or of all that are open and like that one, up to AT_ONCE. Raises AccessDenied."""
    require(actor, Operation.PIPELINE_OPERATE)
    asked = (
        ids_like(like, state=DeadLetterState.OPEN, limit=AT_ONCE) if like is not None else list(ids)[:AT_ONCE]
    )
    found = undecided(asked)
    return Preview(list(found), dict(Counter(found.values())), len(asked))


def preview_of_group(actor: Actor, like: int) -> Preview | None:
    """Of sending back all that are open and like that one; None when there are none. Raises AccessDenied."""
    require(actor, Operation.PIPELINE_OPERATE)
    group = group_of(like, state=DeadLetterState.OPEN)
    return (
        None if group is None else Preview([], {group.consumer: group.letters}, group.letters, group.newest)
    )


def resubmit_group(actor: Actor, like: int, *, rate: float | None, now: datetime) -> int:
    """Make a job that sends back all that are open and like that one, and return its id.

    Raises AccessDenied, NothingToResubmit, WrongRate, UnknownConsumer.
    """
    require(actor, Operation.PIPELINE_OPERATE)
    group = group_of(like, state=DeadLetterState.OPEN)
    if group is None:
        raise NothingToResubmit("none of these is open any more")
    choice = Choice(group.consumer, reason=group.reason)
    return start(choice, rate=rate, actor=actor, by_name=actor.name, now=now)


def decide(actor: Actor, decision: Decision, ids: Sequence[int], *, now: datetime) -> int:
    """Do it, with who did it in the audit trail; returns how many were open. Raises AccessDenied."""
    act = dead_letters.resubmit if decision is Decision.RESUBMIT else dead_letters.discard
    return act(ids, actor=actor, by_name=actor.name, now=now)
