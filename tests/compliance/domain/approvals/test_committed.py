"""Approvals as they are committed: several who decide at once, and refusals that outlive what they end."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from compliance.domain.approvals import asking, deciding
from compliance.domain.approvals.asking import ApprovalError
from compliance.domain.approvals.kinds import CHOSEN, State
from compliance.domain.seeds import seed
from compliance.domain.users import create_staff, set_roles
from compliance.models import ApprovalPolicy, AuditEntry, User
from tests.compliance.conftest import NOW, PASSWORD, SYSTEM
from tests.compliance.domain.approvals.test_approvals import WISH, approve, asked, needed, staff, state


@pytest.fixture
def deciders(fresh_database):
    """An administrator and two who approve, where everything takes two."""
    seed()
    ApprovalPolicy.objects.create(kinds=list(CHOSEN))
    return [staff(*each) for each in (("ada", "administrator"), ("dora", "DPO"), ("emil", "DPO"))]


def test_who_may_not_any_more_has_nothing_done(deciders):
    ada, dora, _ = deciders
    marketer = create_staff(username="mia", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)
    row = asked(needed(lambda: set_roles(user=marketer, roles=["analyst"], by=ada)), ada)
    set_roles(user=User.objects.get(username="ada"), roles=["auditor"], by=SYSTEM)
    approve(row, dora)
    assert state(row) == State.REFUSED
    assert [str(role) for role in User.objects.get(pk=marketer.pk).roles] == ["marketer"]
    assert AuditEntry.objects.filter(action="access.denied", actor="ada", target="users.manage").exists()


def test_of_two_who_decide_at_once_one_wins(deciders):
    ada, dora, emil = deciders
    row = asked(WISH, ada)
    together, won, lost = Barrier(3), [], []

    def decide(call, name):
        together.wait(timeout=20)
        try:
            call()
            won.append(name)
        except ApprovalError:
            lost.append(name)
        finally:
            connection.close()

    calls = {
        "dora": lambda: approve(row, dora),
        "emil": lambda: deciding.refuse(row.pk, why="no", by=emil, now=NOW),
        "ada": lambda: asking.withdraw(row.pk, by=ada, now=NOW),
    }
    threads = [Thread(target=decide, args=(call, name)) for name, call in calls.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(won), len(lost)) == (1, 2)
    outcome = {"dora": State.APPROVED, "emil": State.REFUSED, "ada": State.WITHDRAWN}
    assert state(row) == outcome[won[0]]
    decided = AuditEntry.objects.filter(target=f"approval:{row.pk}").exclude(action="approval.ask")
    assert decided.count() == 1
