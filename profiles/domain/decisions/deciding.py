"""One decision from beginning to end: rules, transaction, recomputation, audit, and again when others were faster."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.db import OperationalError, transaction

from compliance.access import Actor, require
from compliance.audit import record_change
from compliance.enums import Operation
from compliance.sources import require_all_sources
from profiles.builder.attempt import Restart
from profiles.builder.reconsider import Busy, Cause, Reconsidered, reconsidered
from profiles.builder.rules import RuleBook, RuleReader
from profiles.domain.decisions import evidence, parting, people
from profiles.domain.decisions.outcome import Decided
from profiles.enums import CauseKind, EvidenceRule
from streaming.database import django_session

MOST_TRIES = 10
MOST_WHY = 200  # characters beside a withdrawn link
_WRITER = "decisions"
_OTHERS_WERE_FASTER = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)

T = TypeVar("T")


@dataclass(slots=True)
class Deciding:
    """What a decision works with while its transaction is open."""

    actor: Actor
    why: str
    now: datetime
    book: RuleBook
    locked: set[int] = field(default_factory=set)
    concerned: set[UUID] = field(default_factory=set)  # live ids, before and after
    deferred: bool = False

    @property
    def cause(self) -> Cause:
        """What is kept of why people change by it."""
        return Cause(CauseKind.DECISION, by=self.actor.name, why=self.why)

    def lock(self, rows: Collection[int]) -> None:
        """Lock these people. What was read of them before has to be read again, and `check`ed."""
        if not people.lock(rows):
            raise Restart
        self.locked |= set(rows)
        self.concerned |= set(people.live_ids(rows))

    def check(self, rows: Iterable[int]) -> None:
        """Have all of it begin anew when it turns out to be about others than those who are locked."""
        if not self.locked.issuperset(rows):
            raise Restart

    def void(self, links: Iterable[evidence.StoredLink]) -> set[int]:
        """Withdraw these links in the actor's name; returns the ids of those that counted until now."""
        ids = {link.id for link in links if not link.is_withdrawn}
        evidence.void(ids, by=self.actor.name, why=self.why[:MOST_WHY], now=self.now)
        return ids

    def add(self, rule: EvidenceRule, pairs: Collection[evidence.Pair]) -> list[int]:
        """Keep what the actor says of these identifiers."""
        return evidence.add(rule, sorted(pairs), by=self.actor.name, now=self.now)

    def reconsider(self, identifiers: Collection[int]) -> Reconsidered:
        """Decide anew who is who around these identifiers, store it, and publish what changed."""
        found = reconsidered(django_session(), self.book, identifiers, self.now, self.cause, writer=_WRITER)
        self.deferred = self.deferred or bool(found.deferred)
        return found

    def parted(self, pairs: Collection[evidence.Pair]) -> set[evidence.Pair]:
        """The pairs that the evidence no longer holds together, although their people are decided on later."""
        return parting.parted(django_session(), self.book.namespaces, pairs)

    def record(self, action: str, *, target: str, detail: dict[str, Any]) -> None:
        """Keep in the audit trail what was decided; the words of the actor stay out of it."""
        record_change(self.actor, action=action, target=target, subjects=self.concerned, detail=detail)

    def outcome(self, identifiers: Collection[int], because: Sequence[int] = ()) -> Decided:
        """Who has these identifiers now."""
        held = people.holders(identifiers)
        ids = people.live_ids(set(held.values()))
        self.concerned |= set(ids)
        still_one = len(ids) == 1 and held.keys() >= set(identifiers)
        return Decided(ids, still_one, list(because), self.deferred)


def decided(actor: Actor, work: Callable[[Deciding], T], *, why: str, now: datetime) -> T:
    """What `work` decides, in one transaction. Raises AccessDenied, Undecidable's kin, and Busy.

    `work` is called again, from its beginning, when others changed what it had read.
    """
    require(actor, Operation.IDENTITY_DECIDE)
    require_all_sources(actor, Operation.IDENTITY_DECIDE)  # what links people comes from any of them
    for _ in range(MOST_TRIES):
        try:
            with transaction.atomic():
                book = RuleReader().read(django_session())
                return work(Deciding(actor, why.strip(), now, book))
        except Restart:
            continue
        except (psycopg.OperationalError, OperationalError) as error:
            if not isinstance(error, _OTHERS_WERE_FASTER) and not isinstance(
                error.__cause__, _OTHERS_WERE_FASTER
            ):
                raise
    raise Busy(
        "These people changed again and again meanwhile, so nothing was decided: try again in a moment."
    )
