"""Recomputing the clusters that are due, from wherever they stand: a kill at any moment costs nothing."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction

from profiles.builder.attempt import Restart
from profiles.builder.rules import RuleReader
from profiles.domain.database import session
from profiles.recomputing import steps
from profiles.recomputing.leasing import Lease, LeaseLost, take
from profiles.recomputing.plan import STEP, Plan, make_plan
from streaming.domain.publishing import publish
from streaming.runtime.failpoints import reach

WRITER = "recomputing"
MOST_PLANS = 20  # of one cluster in a run; others have their turn then


def recompute_clusters(*, now: datetime, clusters: int = 10) -> int:
    """Recompute clusters that are due; returns how many are due no longer.

    Each transaction changes a few hundred rows and leaves people whole, so that events of others go on meanwhile.
    Whoever runs it, and however often it is interrupted, the result is that of deciding all at once.
    """
    ended, after = 0, 0
    for _ in range(clusters):
        lease = take(after=after)
        if lease is None:
            break
        after = lease.cluster
        try:
            if _Run(lease, now).until_it_ends():
                ended += 1
            else:
                lease.fail("others kept changing these people; the next run goes on")
        except LeaseLost:
            continue
        except Exception as error:
            lease.fail(f"{type(error).__name__}; the log has it all")  # what it says may name people
            raise
        finally:
            lease.release()
    return ended


class _Run:
    def __init__(self, lease: Lease, now: datetime) -> None:
        self._lease = lease
        self._now = now
        self._rules = RuleReader()

    def until_it_ends(self) -> bool:
        """Plan and carry out until nothing is left to do. False: others kept changing it."""
        for _ in range(MOST_PLANS):
            plan = self._plan()
            try:
                if plan.steps:
                    self._rearrange(plan)
                elif plan.carries:
                    self._carry(plan)
                elif self._end(plan):
                    return True
            except Restart:
                continue  # what was planned is not as it was any more
        return False

    def _plan(self) -> Plan:
        with transaction.atomic(durable=True), session() as opened:
            opened.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            plan = make_plan(opened, self._rules.read(opened), self._lease.cluster)
        self._lease.plan(len(plan.steps))
        return plan

    def _rearrange(self, plan: Plan) -> None:
        for step in plan.steps:
            reach("recompute.before_step")
            with transaction.atomic(durable=True):
                with session() as opened:
                    steps.lock_loose(opened, step)
                self._hold(plan)
                with session() as opened:
                    records = steps.rearrange(opened, plan, step, self._lease.cluster, self._now)
                publish(records, writer=WRITER)
            reach("recompute.after_step")

    def _carry(self, plan: Plan) -> None:
        for carry in plan.carries:
            moved = True
            while moved:
                reach("recompute.before_step")
                with transaction.atomic(durable=True):
                    self._hold(plan)
                    with session() as opened:
                        moved, records = steps.carry(opened, plan, carry, self._lease.cluster, self._now)
                    publish(records, writer=WRITER)
                reach("recompute.after_step")

    def _end(self, plan: Plan) -> bool:
        changed = plan.decided.changed
        for some in _parts(sorted(changed)):
            with transaction.atomic(durable=True), session() as opened:
                self._hold(plan)
                steps.settle(opened, plan.found, {row: changed[row] for row in some})
            reach("recompute.after_settling")
        tied = {number for each in plan.decided.tied for number in each.sets}
        free = {
            row
            for number, members in enumerate(plan.decided.people)
            if number not in tied
            for member in members
            if (row := plan.found.stored[member].profile) is not None
        }
        for some in _parts(sorted(free)):
            with transaction.atomic(durable=True), session() as opened:
                self._hold(plan)
                steps.release(opened, self._lease.cluster, some)
        reach("recompute.before_end")
        with transaction.atomic(durable=True), session() as opened:
            self._hold(plan)
            return steps.end(opened, plan, self._lease.cluster)

    def _hold(self, plan: Plan) -> None:
        """Go on only under the lease and the rules of the plan."""
        self._lease.hold(done=1)
        with session() as opened:
            if self._rules.read(opened) is not plan.book:
                raise Restart


def _parts(rows: list[int]) -> Iterator[list[int]]:
    rest = iter(rows)
    while some := list(islice(rest, STEP)):
        yield some
