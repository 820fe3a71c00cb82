"""What is too large to be decided at once: it waits as it is, and the background job decides it step by step."""

import random
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from profiles.builder import closure, deferring
from profiles.enums import EvidenceRule
from profiles.models import Cluster, Evidence, Merge, Namespace, Profile, Split
from profiles.recomputing import plan, running
from profiles.recomputing.running import recompute_clusters
from streaming.runtime import failpoints
from streaming.runtime.failpoints import FailpointReached
from tests.conftest import ROOT
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.model import book_of
from tests.profiles.builder.oracle import decide, decided, names, node, reconsider, stored
from tests.profiles.builder.picture import clear
from tests.profiles.builder.test_order import brief, histories, shuffled

# One start for all kills: each attempt is a fork, which has connections of its own.
_JOB = """
import django; django.setup()
import os, sys
from datetime import UTC, datetime
from django.db import connection
from profiles.recomputing import plan, running
from streaming.runtime import failpoints
plan.STEP = running.STEP = 2
for name in sys.argv[1:]:
    child = os.fork()
    if not child:
        failpoints.arm(f"{name}=kill")
        running.recompute_clusters(now=datetime.now(UTC))
        os._exit(0)
    print(name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE profiles_cluster SET lease_until = now() - interval '1 s'")
    connection.close()
"""
FAILPOINTS = (
    "recompute.before_step", "recompute.after_step", "recompute.after_settling", "recompute.before_end",
)  # fmt: skip


@pytest.fixture
def small(monkeypatch) -> None:
    """Anything is too large, and a step is of a few rows."""
    monkeypatch.setattr(closure, "MOST_EDGES", 5)
    monkeypatch.setattr(deferring, "MOST_MOVED", 2)
    monkeypatch.setattr(plan, "MOST_MOVED", 2)
    monkeypatch.setattr(plan, "STEP", 2)
    monkeypatch.setattr(running, "STEP", 2)


@pytest.fixture(autouse=True)
def disarmed():
    """Whatever becomes of a test, the next one fails at no failpoint of it."""
    yield
    failpoints.arm("")


def is_decided(driver) -> bool:
    return stored() == decided(book_of(driver.connection))


def devices(count: int, **of) -> list[dict]:
    return [event(anonymous_id=f"d{number}", user_id="app", minutes=number, **of) for number in range(count)]


def test_links_of_a_large_cluster_wait_and_are_decided_in_the_background(staff, small):
    Namespace.objects.filter(key="anonymous_id").update(limit=3)
    staff.send(*devices(4))
    for late in devices(8)[4:]:
        staff.send(late)
    assert is_decided(staff), "decided alone, whatever the size"
    staff.send(event(anonymous_id="early", user_id="app", minutes=-1))
    assert Evidence.objects.filter(state="pending").count() == 1
    assert frozenset({"early"}) in names(), "it is somebody, and has its events, while it waits"
    cluster = Cluster.objects.get(due_at__isnull=False)
    staff.send(event(anonymous_id="later", user_id="app", minutes=50))
    assert Profile.objects.get(identifiers__value="later").cluster_id == cluster.pk
    assert Evidence.objects.filter(state="pending").count() == 2
    assert recompute_clusters(now=START) == 1
    assert is_decided(staff)
    assert frozenset({"app", "early", "d0", "d1"}) in names()
    cluster.refresh_from_db()
    assert (cluster.due_at, cluster.lease_owner) == (None, None)
    assert set(Split.objects.values_list("cause", flat=True)) == {"recompute"}
    assert "recompute" in Merge.objects.values_list("cause", flat=True)
    assert recompute_clusters(now=START) == 0
    staff.send(event(anonymous_id="last", user_id="app", minutes=60))
    assert is_decided(staff)


def test_people_with_many_anchors_become_one_in_the_background(staff, small):
    Namespace.objects.filter(key="anonymous_id").update(limit=500)
    for user in ("u", "v"):
        for number in range(3):
            device = f"{user}{number}"
            staff.send(event("identify", anonymous_id=device, minutes=number, traits={user: number}))
            staff.send(event(anonymous_id=device, user_id=user, minutes=5))
    Namespace.objects.filter(key="user_id").update(unique=False)
    staff.send(event("alias", user_id="u", previous_id="v", minutes=9))
    assert len(names()) == 3, "the alias names a device, too"
    while recompute_clusters(now=START):
        pass
    assert is_decided(staff)
    assert len(names()) == 1
    assert Profile.objects.get().traits == {"u": 2, "v": 2}
    assert not Cluster.objects.exists()


def test_a_decision_about_a_large_person_waits_too(staff, small):
    staff.send(*devices(6))
    Evidence.objects.filter(b__value="d5").update(state="withdrawn")
    Evidence.objects.filter(a__value="d5").update(state="withdrawn")
    found = reconsider(staff, node("anonymous_id", "d5"), node("user_id", "app"))
    assert (found.deferred, len(found.ids), found.splits) == (1, 1, 0)
    assert len(names()) == 1
    assert recompute_clusters(now=START) == 1
    assert is_decided(staff)
    assert frozenset({"d5"}) in names()


def test_what_comes_while_it_is_planned_is_decided_as_well(staff, small, monkeypatch):
    Namespace.objects.filter(key="anonymous_id").update(limit=2)
    staff.send(*devices(6))
    staff.send(event(anonymous_id="early", user_id="app", minutes=-1))
    make_plan = plan.make_plan
    late = iter(range(3))

    def planned(*arguments):
        found = make_plan(*arguments)
        for number in late:
            staff.send(event(anonymous_id=f"late{number}", user_id="app", minutes=-2 - number))
            break
        return found

    monkeypatch.setattr(running, "make_plan", planned)
    assert recompute_clusters(now=START) == 1
    assert is_decided(staff)
    assert frozenset({"app", "late2", "late1"}) in names()


def test_only_one_process_recomputes_a_cluster(staff, small):
    staff.send(*devices(6))
    decide(node("anonymous_id", "d0"), node("user_id", "app"), EvidenceRule.KEEP_APART)
    reconsider(staff, node("user_id", "app"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE profiles_cluster SET lease_owner = gen_random_uuid(), lease_until = now() + '1 min'"
        )
    assert recompute_clusters(now=START) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE profiles_cluster SET lease_until = now() - interval '1 min'")
    assert recompute_clusters(now=START) == 1
    assert is_decided(staff)


def test_a_job_that_fails_says_so_and_is_tried_again(staff, small):
    Namespace.objects.filter(key="anonymous_id").update(limit=3)
    staff.send(*devices(8))
    failpoints.arm("recompute.before_step=raise")
    with pytest.raises(FailpointReached):
        recompute_clusters(now=START)
    failpoints.arm("")
    failed = Cluster.objects.get(due_at__isnull=False)
    assert failed.failed == "FailpointReached; the log has it all"
    assert recompute_clusters(now=START) == 1
    assert not Cluster.objects.exclude(failed="").exists()
    assert is_decided(staff)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=histories(), seed=st.integers(0, 2**32))
def test_deferred_and_interrupted_it_ends_as_if_all_was_decided_at_once(staff, small, events, seed):
    chance = random.Random(seed)
    note("\n".join(map(brief, events)))
    clear(staff.connection)
    Namespace.objects.filter(key="anonymous_id").update(limit=chance.choice([1, 2, 500]))
    staff.now = START.replace(month=12)
    for batch in shuffled(events, chance):
        staff.send(*batch)
        if chance.random() < 0.3:
            interrupted(chance)
        if chance.random() < 0.2 and (links := list(Evidence.objects.order_by("id"))):
            each = chance.choice(links)
            Evidence.objects.filter(pk=each.pk).update(state="withdrawn")
            reconsider(staff, each.a_id, each.b_id)
    for _ in range(3):
        interrupted(chance)
    while recompute_clusters(now=START):
        pass
    assert not Cluster.objects.filter(due_at__isnull=False).exists()
    assert is_decided(staff)


def interrupted(chance: random.Random) -> None:
    """Run the job, and have it fail somewhere, which undoes the transaction that is open there."""
    failpoints.arm(f"{chance.choice(FAILPOINTS)}=raise@{chance.randint(1, 3)}")
    try:
        recompute_clusters(now=START)
    except FailpointReached:
        pass
    finally:
        failpoints.arm("")


def test_a_job_that_was_killed_is_gone_on_with(staff, small, database, tmp_path):
    Namespace.objects.filter(key="anonymous_id").update(limit=3)
    staff.send(*devices(9))
    for number in range(4):
        staff.send(event(anonymous_id=f"early{number}", user_id="app", minutes=-1 - number))
    assert kill_at(FAILPOINTS, database, tmp_path) == [f"{name} {-signal.SIGKILL}" for name in FAILPOINTS]
    assert recompute_clusters(now=START) == 1
    assert is_decided(staff)
    assert frozenset({"app", "early3", "early2", "early1"}) in names()


def kill_at(names: Sequence[str], database, home) -> list[str]:
    """Run the job in processes that kill themselves there, one after the other; returns how each ended."""
    environment = {
        **database.environment, "HEADWATER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    job = [sys.executable, "-c", _JOB, *names]
    return subprocess.run(
        job, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
