"""Events in quarantine: kept once, mended, sent on once whatever dies, discarded, forgotten."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group

from compliance import suppression
from compliance.access import MASK, AccessDenied, shown_as
from compliance.enums import Category
from compliance.forms import Form
from compliance.models import AuditEntry, Notice, NoticeReceipt, User
from ingestion.domain.quarantine import resending
from ingestion.domain.quarantine.deciding import (
    KEPT_DECIDED,
    KEPT_OPEN,
    NothingThere,
    cancel_resend,
    discard,
    forget_old,
    start_resend,
)
from ingestion.domain.quarantine.groups import groups
from ingestion.domain.quarantine.mending import MendingError, mend, read_steps
from ingestion.domain.quarantine.previewing import preview
from ingestion.domain.quarantine.telling import tell
from ingestion.models import PlanViolation, Quarantined, Resend
from streaming.runtime.failpoints import VARIABLE, FailpointReached
from tests.ingestion.domain.quarantine.conftest import ANALYST, BY, NOBODY, NOW
from tests.ingestion.imports.conftest import read_all

ROOT = Path(__file__).resolve().parents[4]
CAST = [{"do": "cast", "key": "total", "to": "number"}]


def run(job, seconds=60):
    return resending.run(job.pk, clock=lambda: NOW, seconds=seconds)


def states():
    return sorted(Quarantined.objects.values_list("state", flat=True))


def in_log(quarantine):
    from streaming.contracts.events import decode_event

    return [decode_event(record.value) for record in read_all(quarantine.log)]


def test_a_message_is_kept_once_with_its_reason_and_counted(quarantine):
    records = quarantine.records({"messageId": "m", "userId": "u", "properties": {"total": "x"}})
    quarantine.hold(*records, *records)
    quarantine.hold(*records)
    row = Quarantined.objects.get()
    assert (row.message_id, row.reason, row.plan_version, row.name) == (
        "m",
        "`total` should be a number",
        1,
        "Order",
    )
    violation = PlanViolation.objects.get()
    assert (violation.events, violation.reason, violation.action, violation.message_id) == (
        1, "`total` should be a number", "quarantine", "m",
    )  # fmt: skip


def test_groups_are_told_to_who_may_see_them(quarantine):
    quarantine.fill(3)
    quarantine.hold(*quarantine.records({"event": "Other", "userId": "u"}))
    found = groups(ANALYST)
    assert [(each.name, each.reason, each.events) for each in found] == [
        ("Order", "`total` should be a number", 3), ("Other", "the event is not in the plan", 1),
    ]  # fmt: skip
    with pytest.raises(AccessDenied):
        groups(NOBODY)
    assert AuditEntry.objects.filter(action="quarantine.list").count() == 1


def test_a_preview_says_how_many_would_pass_and_shows_only_what_the_viewer_may_see(quarantine):
    quarantine.fill(3, total="12.5", email="jane@example.com")
    quarantine.hold(*quarantine.records({"messageId": "bad", "userId": "u", "properties": {"total": "much"}}))
    found = preview(ANALYST, quarantine.group(), CAST)
    assert (found.waiting, found.looked_at, found.passing, found.suppressed) == (4, 4, 3, 0)
    assert dict(found.reasons) == {"`total` should be a number": 1}
    assert "jane@example.com" not in str(found)
    everything = preview(BY, quarantine.group(), CAST)
    assert [(each.key, each.before, each.after, each.is_changed) for each in everything.samples[-1].lines] == [
        ("(event)", "Order", "Order", False), ("total", "12.5", 12.5, True),
        ("email", "jane@example.com", "jane@example.com", False),
    ]  # fmt: skip
    assert states() == ["open"] * 4
    assert AuditEntry.objects.filter(action="quarantine.preview", actor="ann").exists()


def lines(actor, group, steps):
    (sample,) = preview(actor, group, steps).samples
    return {
        each.key: (each.before, each.after) for each in sample.lines if each.key not in ("(event)", "total")
    }


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.CLEAR])
def test_what_steps_leave_alone_looks_as_before_in_every_form(quarantine, form):
    quarantine.fill(1, total="12.5", email="jane@example.com", emails={"work": "jd@example.com"}, note="hi")
    closed = replace(
        BY,
        categories=frozenset(Category) - {Category.CONTACT},
        hashed=frozenset({Category.CONTACT} if form is Form.HASHED else ()),
        hidden=frozenset({Category.CONTACT} if form is Form.HIDDEN else ()),
    )
    mail, work = (shown_as(form, each) for each in ("jane@example.com", "jd@example.com"))
    shown = {} if form is Form.HIDDEN else {"email": (mail, mail), "emails": ({"work": work},) * 2}
    assert lines(closed, quarantine.group(), CAST) == {**shown, "note": ("hi", "hi")}


def test_what_steps_move_is_shown_once_and_only_where_it_is_shown_anyway(quarantine):
    quarantine.fill(1, total="12.5", email="jane@example.com", note="hi")
    closed = replace(
        BY, categories=frozenset(Category) - {Category.CONTACT}, hashed=frozenset({Category.CONTACT})
    )
    shown = shown_as(Form.HASHED, "jane@example.com")
    kept = lines(closed, quarantine.group(), [{"do": "rename", "key": "email", "to": "mail"}])
    assert kept == {"email": (shown, None), "mail": (None, shown), "note": ("hi", "hi")}
    opened = lines(closed, quarantine.group(), [{"do": "rename", "key": "email", "to": "colour"}])
    assert opened == {"email": (shown, None), "colour": (None, MASK), "note": ("hi", "hi")}


def test_a_hidden_value_cannot_be_guessed_by_a_default(quarantine):
    quarantine.fill(1, total="12.5", email="jane@example.com")
    hidden = replace(
        BY, categories=frozenset(Category) - {Category.CONTACT}, hidden=frozenset({Category.CONTACT})
    )
    for guess in ("jane@example.com", "john@example.com"):
        steps = [
            {"do": "default", "key": "email", "value": guess},
            {"do": "rename", "key": "email", "to": "colour"},
        ]
        assert lines(hidden, quarantine.group(), steps) == {"colour": (None, MASK)}


def test_what_passes_goes_on_as_the_same_message_and_the_rest_waits_again(quarantine):
    quarantine.fill(2)
    quarantine.hold(*quarantine.records({"messageId": "bad", "userId": "u", "properties": {"total": "much"}}))
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    with pytest.raises(NothingThere):
        start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    assert run(job) is None
    job.refresh_from_db()
    assert (job.state, job.asked, job.sent, job.kept, job.suppressed) == ("done", 3, 2, 1, 0)
    assert states() == ["open", "sent", "sent"]
    assert not Quarantined.objects.filter(state="sent").exclude(value="").exists()
    events = in_log(quarantine)
    assert sorted((each["message_id"], each["properties"]["total"], each["client_time"]) for each in events) == [
        ("m0", 12.5, "2026-11-01T00:00:00.000000Z"), ("m1", 12.5, "2026-11-01T00:00:00.000000Z"),
    ]  # fmt: skip
    assert not any("quarantined" in each or "violations" in each for each in events)
    quarantine.fill(2)
    assert states() == ["open", "sent", "sent"], "a client's second try changes nothing"


def test_a_new_plan_lets_go_on_what_it_allows_without_any_step(quarantine):
    quarantine.fill(1)
    quarantine.publish({"properties": {"total": {"type": ["number", "string"]}}}, number=2)
    run(start_resend(quarantine.group(), [], by=BY, now=NOW))
    assert [each["schema_version"] for each in in_log(quarantine)] == ["2"]


def test_who_was_suppressed_meanwhile_stays_out(quarantine):
    quarantine.fill(2)
    suppression.suppress("user_id", "u1", by=BY, now=NOW)
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    assert preview(BY, quarantine.group(), CAST).waiting == 0
    run(job)
    assert [each["user_id"] for each in in_log(quarantine)] == ["u0"]
    gone = Quarantined.objects.get(state="suppressed")
    assert (gone.value, gone.name, gone.message_id) == ("", "", "")


@pytest.mark.parametrize("point", ["quarantine.before_commit", "quarantine.after_commit"])
@pytest.mark.parametrize("on_pass", [1, 2])
def test_each_goes_on_once_wherever_the_runner_dies(quarantine, monkeypatch, point, on_pass):
    quarantine.fill(5)
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    monkeypatch.setattr(resending, "AT_ONCE", 2)
    passes = iter(range(1, 100))

    def reach(name):
        if name == point and next(passes) == on_pass:
            raise FailpointReached(name)

    monkeypatch.setattr(resending, "reach", reach)
    with pytest.raises(FailpointReached):
        run(job)
    run(job)
    assert sorted(each["message_id"] for each in in_log(quarantine)) == [f"m{n}" for n in range(5)]
    assert (Resend.objects.get().state, Resend.objects.get().sent) == ("done", 5)


def test_each_goes_on_once_when_the_process_is_killed(quarantine, fresh_database, tmp_path):
    quarantine.fill(3)
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    code = (
        "from datetime import UTC, datetime; from ingestion.domain.quarantine import resending as r; r.AT_ONCE = 2; "
        f"r.run({job.pk}, clock=lambda: datetime.now(UTC), seconds=60)"
    )
    died = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, check=False, timeout=200, capture_output=True,
        env={**os.environ, **fresh_database.environment, "HEADWATER_HOME": str(tmp_path), VARIABLE: "quarantine.before_commit=kill@2"},
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]
    assert states() == ["queued", "sent", "sent"]
    Resend.objects.update(lease_until=datetime.now(UTC) + timedelta(hours=1))  # whatever time that took
    assert run(job) is None
    assert Resend.objects.get().state == "running", "its lease holds for a while"
    Resend.objects.update(lease_until=NOW)  # as time would
    assert resending.without_runner() == [job.pk]
    run(job)
    assert sorted(each["message_id"] for each in in_log(quarantine)) == ["m0", "m1", "m2"]
    assert states() == ["sent"] * 3


def test_staff_are_told_while_events_wait_and_when_their_job_ended(quarantine):
    User.objects.create(username="ann", is_staff=True).groups.add(Group.objects.get(name="administrator"))
    quarantine.fill(2)
    tell(now=NOW)
    tell(now=NOW + timedelta(minutes=1))
    [notice] = Notice.objects.filter(kind="quarantine")
    assert (notice.subject, notice.ended_at) == ("2 events of Shop wait in quarantine", None)
    run(start_resend(quarantine.group(), CAST, by=ANALYST, now=NOW))
    assert Notice.objects.get(kind="job_finished").subject == "2 of 2 events went on out of quarantine"
    tell(now=NOW + timedelta(hours=1))
    notice.refresh_from_db()
    assert notice.ended_at is not None


def test_who_began_a_job_is_told_what_is_left_to_do(quarantine):
    User.objects.create(username=ANALYST.name, is_staff=True)
    quarantine.fill(1)
    quarantine.hold(*quarantine.records({"messageId": "x", "userId": "u", "properties": {"total": "much"}}))
    quarantine.hold(*quarantine.records({"messageId": "y", "userId": "gone", "properties": {"total": "1"}}))
    job = start_resend(quarantine.group(), CAST, by=ANALYST, now=NOW)
    suppression.suppress("user_id", "gone", by=BY, now=NOW)
    run(job)
    [told] = NoticeReceipt.objects.filter(user__username=ANALYST.name)
    assert told.notice.subject == "1 of 3 events went on out of quarantine"
    assert told.notice.body == (
        "Still breaking the plan: 1. Mend them with other steps, or change the plan. "
        "Of people who are suppressed, and not kept: 1."
    )
    assert told.notice.link == f"/admin/quarantine/jobs/{job.pk}/"


def test_a_job_that_another_one_cancelled_is_told_its_beginner(quarantine):
    User.objects.create(username=ANALYST.name, is_staff=True)
    quarantine.fill(2)
    for by, notices in ((ANALYST, 0), (BY, 1)):
        cancel_resend(start_resend(quarantine.group(), CAST, by=ANALYST, now=NOW), by=by, now=NOW)
        assert NoticeReceipt.objects.filter(user__username=ANALYST.name).count() == notices
    notice = Notice.objects.get(kind="job_finished")
    assert notice.subject == f"Sending events of Shop out of quarantine was cancelled by {BY.name}"
    assert notice.body == "Gone on: 0 of 2. Waiting again: 2."


def test_a_cancelled_job_leaves_the_rest_waiting(quarantine, monkeypatch):
    monkeypatch.setattr(resending, "AT_ONCE", 2)
    quarantine.fill(5)
    job = start_resend(quarantine.group(), CAST, by=BY, now=NOW)
    assert run(job, seconds=0) == 0.0
    assert cancel_resend(job, by=BY, now=NOW) == 3
    assert run(job) is None
    assert states() == ["open"] * 3 + ["sent"] * 2
    assert cancel_resend(job, by=BY, now=NOW) == 0
    assert Resend.objects.get().state == "cancelled"


def test_what_is_discarded_keeps_nothing_of_anybody(quarantine):
    quarantine.fill(2)
    assert discard(quarantine.group(), by=BY, now=NOW) == 2
    assert set(Quarantined.objects.values_list("state", "value")) == {("discarded", "")}
    assert AuditEntry.objects.get(action="quarantine.discard").detail["discarded"] == 2
    with pytest.raises(AccessDenied):
        discard(quarantine.group(), by=NOBODY, now=NOW)


def test_age_discards_what_nobody_decided_about_and_forgets_what_was_decided(quarantine):
    quarantine.fill(2)
    assert forget_old(now=NOW + KEPT_OPEN) == 0
    late = NOW + KEPT_OPEN + timedelta(seconds=1)
    assert forget_old(now=late) == 2
    assert set(Quarantined.objects.values_list("state", "value", "decided_by")) == {
        ("discarded", "", "retention")
    }
    assert forget_old(now=late + KEPT_DECIDED + timedelta(seconds=1)) == 2
    assert not Quarantined.objects.exists()


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ({}, "a list of at most 20"),
        ([{"do": "drop", "key": "a"}] * 21, "a list of at most 20"),
        ([{"do": "exec"}], "step 1: `do` should be one of"),
        ([{"do": "drop", "key": "a"}, {"do": "rename", "key": "a"}], "step 2: rename needs `to`"),
        ([{"do": "cast", "key": "a", "to": "date"}], "step 1: a value can be cast to"),
        ([{"do": "default", "key": "a", "value": {}}], "step 1: the value of a default"),
        ([{"do": "drop", "key": "k" * 300}], "step 1: drop needs `key`"),
    ],
)
def test_steps_that_cannot_be_used_say_which_and_why(steps, message):
    with pytest.raises(MendingError, match=message):
        read_steps(steps)


@pytest.mark.parametrize(
    ("to", "value", "becomes"),
    [
        ("number", "1,119.68", 1119.68), ("number", " 12 ", 12), ("number", "much", "much"), ("number", True, 1),
        ("number", "NaN", "NaN"), ("integer", "12.0", 12), ("integer", "12.5", 12.5), ("text", 12, "12"),
        ("text", False, "false"), ("boolean", "Yes", True), ("boolean", 0, False), ("boolean", "perhaps", "perhaps"),
        ("number", ["1"], ["1"]), ("number", None, None), ("number", "١٢", "١٢"),
    ],
)  # fmt: skip
def test_what_cannot_be_cast_stays_as_it_is(to, value, becomes):
    event: Any = {"type": "track", "event": "Order", "properties": {"a": value}, "traits": {}}
    mend(event, read_steps([{"do": "cast", "key": "a", "to": to}]))
    assert event["properties"]["a"] == becomes
    assert type(event["properties"]["a"]) is type(becomes)


def test_steps_are_taken_in_their_order():
    event: Any = {
        "type": "track",
        "event": "order",
        "properties": {"totl": "5", "x": 1, "kept": 2},
        "traits": {},
    }
    mend(event, read_steps([
        {"do": "rename", "key": "totl", "to": "total"}, {"do": "cast", "key": "total", "to": "number"},
        {"do": "default", "key": "currency", "value": "EUR"}, {"do": "default", "key": "kept", "value": 3},
        {"do": "drop", "key": "x"}, {"do": "rename", "key": "absent", "to": "y"}, {"do": "rename_event", "to": "Order"},
    ]))  # fmt: skip
    assert (event["event"], event["properties"]) == ("Order", {"total": 5, "currency": "EUR", "kept": 2})
