"""The dry run of a change: whom it would merge, take apart or send to review. Reads only; nothing is locked."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import transaction

from profiles.builder.rules import RuleReader
from profiles.domain.database import session
from profiles.domain.rules.components import Seen, components
from profiles.domain.rules.consequences import Consequences, consequences
from profiles.domain.rules.examples import Example
from profiles.domain.rules.leasing import TO_MEASURE, keep_lease, release_lease, take_lease
from profiles.domain.rules.rehoming import held_anchors
from profiles.domain.rules.touched import Part, parts_of, total, touched
from profiles.domain.rules.values import rule_with, rules_with
from profiles.enums import ChangeState
from profiles.identity.rules import Rules
from profiles.models import Namespace, Profile, RuleChange, RulesVersion
from streaming.runtime.failpoints import reach

Clock = Callable[[], datetime]
STEP = 100  # seeds that one transaction looks at
MOST_EDGES = 200_000  # of a group that is measured; what is larger is only counted
MOST_TIME = timedelta(minutes=2)  # of a dry run; what was not looked at by then is told


class _Lost(Exception):
    """The change was called off, or somebody else measures it."""


def measure(change_id: int, *, clock: Clock) -> bool:
    """Measure the change from the beginning, unless somebody else does. Whether it is ready to be applied now.

    After MOST_TIME it ends with what was found by then, and keeps how much of the rules' values that was of.

    Running it again is always right: a process that dies leaves a lease that ends. Database errors are raised.
    """
    owner = take_lease(change_id, TO_MEASURE, ChangeState.MEASURING)
    if owner is None:
        return False
    try:
        _Measuring(RuleChange.objects.select_related("namespace").get(pk=change_id), owner).run(clock)
    except _Lost:
        return False
    finally:
        release_lease(change_id, owner)
    return True


class _Measuring:
    def __init__(self, change: RuleChange, owner: UUID) -> None:
        assert change.namespace is not None
        self._change = change
        self._owner = owner
        self._namespace: Namespace = change.namespace
        self._reader = RuleReader()
        self._seen = Seen()
        self._found = Consequences()

    def run(self, clock: Clock) -> None:
        """See `measure`."""
        version, until = RulesVersion.objects.get().version, clock() + MOST_TIME
        cursor: list[Any] | None = None
        done, all_of_it = 0, 0
        while True:
            with transaction.atomic(), session() as connection:
                rules, parts = self._rules(connection)
                if cursor is None:
                    all_of_it = total(connection, parts)
                    self._note(total=all_of_it)
                seeds = touched(connection, parts, cursor, most=STEP)
                self._look(connection, seeds.ids, rules)
            done, cursor = done + seeds.examined, seeds.cursor
            reach("rules.measured_step")
            if cursor is None or clock() >= until:
                break
            self._note(done=done)
        self._finish(version, clock(), None if cursor is None else (done, all_of_it))

    def _rules(self, connection: psycopg.Connection[Any]) -> tuple[Rules, list[Part]]:
        now = self._reader.read(connection).namespaces
        before, after = (
            rule_with(self._namespace, values) for values in (self._change.before, self._change.after)
        )
        rules = rules_with(now, after)
        return rules, parts_of(before, after, rules)

    def _look(self, connection: psycopg.Connection[Any], seeds: list[int], rules: Rules) -> None:
        known = self._seen.__contains__
        for these, found in components(connection, seeds, rules, most_edges=MOST_EDGES, is_done=known):
            for node in found.stored:
                self._seen.add(node)
            if found.is_cut:
                self._found.add(Consequences(too_large=1))
            else:
                anchors = held_anchors(connection, found.rows, these, rules)
                self._found.add(consequences(found, rules, anchors))

    def _note(self, **fields: Any) -> None:
        """Tell how far it is, and keep the lease. Raises _Lost."""
        if not keep_lease(self._change.pk, self._owner, ChangeState.MEASURING, **fields):
            raise _Lost

    def _finish(self, version: int, now: datetime, looked_at: tuple[int, int] | None) -> None:
        """Be ready; `looked_at` is how much of how much was, when it was not all."""
        found = self._found
        left: dict[str, Any] = {"too_large": found.too_large} if found.too_large else {}
        if looked_at is not None:
            left["looked_at"] = looked_at
        self._note(
            state=ChangeState.READY, rules_version=version, merges=found.merges, splits=found.splits,
            reviews=found.reviews, people=found.people, examples=_documents(found.examples), measured_at=now,
            failed="", done=0, total=0, cursor=left or None,
        )  # fmt: skip


def _documents(examples: Collection[Example]) -> list[dict[str, Any]]:
    """The examples with the ids that the world knows people by."""
    rows = {row for each in examples for row in each.rows}
    ids = dict(Profile.objects.filter(pk__in=rows).values_list("pk", "public_id"))
    return [
        {
            "kind": each.kind,
            "ids": [str(ids[row]) for row in each.rows if row in ids],
            "sentence": each.sentence,
        }
        for each in examples
    ]
