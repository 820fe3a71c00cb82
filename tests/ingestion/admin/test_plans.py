"""The form of a plan's event: filled in, saved, tried on what came, and the way from what broke a plan to the event."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from compliance.access import Actor
from compliance.models import AuditEntry
from ingestion.admin import plan_event
from ingestion.admin.plan_form import digest_of
from ingestion.domain.event_names import ensure_base_topics
from ingestion.domain.plans.document import Plan
from ingestion.domain.plans.listing import violations
from ingestion.domain.plans.publishing import save_draft
from ingestion.domain.quarantine.deciding import discard
from ingestion.domain.quarantine.groups import group_of
from ingestion.domain.sources import create_source
from ingestion.models import PlanViolation, Quarantined, TrackingPlan
from streaming.contracts.records import NewRecord
from streaming.event_log import close_event_log, event_log
from tests.ingestion.admin.test_catalogue import XSS, held
from tests.ingestion.domain.catalogue.test_storing import record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("tests")
SCHEMA = {"type": "object", "properties": {"total": {"type": "string", "format": "x"}}, "required": ["total"]}


@pytest.fixture
def log(transactional_db):
    log = event_log()
    ensure_base_topics(log)
    yield log
    close_event_log()


def address_of(source, name="track:Order", end=""):
    return f"/admin/plans/{source.pk}/events/{digest_of(name)}/{end}"


def row(number, **fields):
    return {f"row-{number}-{field}": value for field, value in fields.items()}


def draft():
    return TrackingPlan.objects.get().draft["events"]


def test_an_event_is_planned_by_filling_in_lines(administrator, source):
    answer = administrator.post(f"/admin/plans/{source.pk}/events/", {"type": "track", "event": "Order"})
    assert answer.headers["Location"] == address_of(source)
    assert "No property is planned yet" in administrator.get(address_of(source)).content.decode()
    posted = {
        **row(0, path="total", type="number", required="1", low="0", action="quarantine"),
        **row(10000, path="products[].sku", type="string", values="A, B"), **row(10001, path="", type="string"),
    }  # fmt: skip
    assert administrator.post(address_of(source), posted).status_code == 302
    sku = {"type": "string", "enum": ["A", "B"]}
    assert draft()["track:Order"] == {
        "type": "object", "required": ["total"],
        "properties": {
            "total": {"type": "number", "minimum": 0, "x-on-violation": "quarantine"},
            "products": {"type": "array", "items": {"type": "object", "properties": {"sku": sku}}},
        },
    }  # fmt: skip
    page = administrator.get(address_of(source)).content.decode()
    assert 'value="products[].sku"' in page
    assert 'value="A, B"' in page


def test_lines_and_json_schema_are_the_same_draft(administrator, source):
    save_draft(source, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    posted = row(0, path="total", was="total", type="number", required="1")
    administrator.post(address_of(source), posted)
    assert draft()["track:Order"]["properties"] == {"total": {"type": "number", "format": "x"}}
    schema = '{"properties": {"total": {"type": "integer", "multipleOf": 2}}}'
    assert administrator.post(address_of(source), {"schema": schema}).status_code == 302
    page = administrator.get(address_of(source)).content.decode()
    assert "more rules in the JSON Schema" in page
    assert "multipleOf" in page


def test_what_somebody_else_changed_meanwhile_stays(administrator, source, monkeypatch):
    """The draft is another one by the time that the posted event is put into it."""
    save_draft(source, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    stale = Plan.from_json(TrackingPlan.objects.get().draft)
    monkeypatch.setattr(plan_event, "_draft", lambda _: (source, stale))
    save_draft(source, {"events": {"track:Order": SCHEMA, "page:page": {}}}, by=BY, now=NOW)
    administrator.post(address_of(source), {"schema": "{}"})
    assert draft() == {"track:Order": {}, "page:page": {}}
    administrator.post(f"/admin/plans/{source.pk}/events/", {"type": "track", "event": "Refund"})
    assert sorted(draft()) == ["page:page", "track:Order", "track:Refund"]
    administrator.post(address_of(source, end="remove/"))
    assert sorted(draft()) == ["page:page", "track:Refund"]
    assert (
        "no longer in the draft" in administrator.post(address_of(source), {"schema": "{}"}).content.decode()
    )


def test_what_is_wrong_is_said_beside_what_was_filled_in(administrator, source):
    save_draft(source, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    answer = administrator.post(
        address_of(source), row(0, path="total", type="string", pattern="(", values=XSS)
    )
    assert answer.status_code == 400
    assert "track:Order" in answer.content.decode()
    assert XSS not in answer.content.decode()
    assert 'value="("' in answer.content.decode()
    assert administrator.post(address_of(source), {"schema": "{"}).status_code == 400
    assert administrator.post(address_of(source), {"schema": "[]"}).status_code == 400
    assert draft()["track:Order"] == SCHEMA
    nameless = administrator.post(f"/admin/plans/{source.pk}/events/", {"type": "track"}, follow=True)
    assert "needs the name of what happened" in nameless.content.decode()


def test_who_may_not_manage_sources_sees_the_lines_and_changes_nothing(marketer, source):
    save_draft(source, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    assert 'value="total"' in marketer.get(address_of(source)).content.decode()
    assert marketer.post(address_of(source), row(0, path="x")).status_code == 403
    assert marketer.post(f"/admin/plans/{source.pk}/events/", {"type": "page"}).status_code == 403
    assert marketer.post(address_of(source, end="remove/")).status_code == 403
    assert draft() == {"track:Order": SCHEMA}


def test_an_event_is_planned_no_longer(administrator, source):
    save_draft(source, {"events": {"track:Order": SCHEMA, "page:page": {}}}, by=BY, now=NOW)
    administrator.post(address_of(source, end="remove/"))
    assert list(draft()) == ["page:page"]
    assert administrator.get(address_of(source)).status_code == 404


def test_a_draft_is_tried_on_the_newest_events_before_it_holds(administrator, marketer, source, log):
    items = [
        {"event": "Order", "messageId": f"t{n}", "properties": {"total": n if n % 4 else "much"}}
        for n in range(8)
    ]
    log.append(
        [NewRecord("events.other", b"u", record(each, source, timezone.now()).value) for each in items]
    )
    save_draft(source, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    quiet = create_source(name="Quiet", by=BY, now=NOW)
    save_draft(quiet, {"events": {"track:Order": SCHEMA}}, by=BY, now=NOW)
    told = administrator.post(address_of(quiet, end="try/"), {"schema": "{}"}).content.decode()
    assert "None of the newest 8 records of its topics is of it from Quiet" in told
    TrackingPlan.objects.get(source=quiet).delete()
    posted = row(0, path="total", was="total", type="number", required="1", action="quarantine")
    page = administrator.post(address_of(source, end="try/"), posted).content.decode()
    assert "2 of the 8 newest events would break it" in page
    assert "`total` should be a number" in page
    assert "2 would wait in quarantine" in page
    assert draft()["track:Order"] == SCHEMA
    assert "6 of the 8 newest" in administrator.post(f"/admin/plans/{source.pk}/try/").content.decode()
    assert "Order" not in marketer.post(address_of(source, end="try/"), {"schema": "{}"}).content.decode()
    assert (
        "is no property"
        in administrator.post(address_of(source, end="try/"), row(0, path="x[")).content.decode()
    )
    assert AuditEntry.objects.filter(action="plan.try").count() == 4


def test_an_example_is_one_whose_event_is_still_named(source):
    same = {
        "source": source,
        "type": "track",
        "name": "Order",
        "reason": "x",
        "action": "tag",
        "events": 2,
        "last_at": NOW,
    }
    named = PlanViolation.objects.create(**same, day=NOW.date() - timedelta(days=1), message_id="m")
    PlanViolation.objects.create(**same, day=NOW.date(), message_id="")
    PlanViolation.objects.create(**{**same, "reason": "y"}, day=NOW.date(), message_id="")
    [one, nameless] = sorted(violations(BY, source, now=NOW), key=lambda each: each.reason)
    assert (one.events, one.example, nameless.example) == (4, named.pk, None)


def test_what_broke_a_plan_leads_to_the_trace_of_an_event(administrator, marketer, source, log):
    held(source, "much")
    [violation] = PlanViolation.objects.all()
    page = administrator.get(f"/admin/plans/{source.pk}/").content.decode()
    assert f"/admin/plans/violations/{violation.pk}/" in page
    assert "m0" not in page
    traced = administrator.get(f"/admin/plans/violations/{violation.pk}/").content.decode()
    assert "In quarantine" in traced
    waiting = f"/admin/quarantine/{Quarantined.objects.get().pk}/"
    assert f'href="{waiting}"' in page, "an event that waits can be mended from what broke the plan"
    assert f'href="{waiting}"' in traced, "and from its trace"
    discard(group_of(BY, Quarantined.objects.get().pk), by=BY, now=NOW)
    for path in (f"/admin/plans/{source.pk}/", f"/admin/plans/violations/{violation.pk}/"):
        assert waiting not in administrator.get(path).content.decode()
    assert administrator.get("/admin/plans/violations/999999/").status_code == 404


def test_a_rule_that_would_tell_who_has_which_address_is_refused_beside_what_was_filled_in(
    client_of, source, log
):
    engineer = client_of("data engineer")
    engineer.post(f"/admin/plans/{source.pk}/events/", {"type": "track", "event": "Order"})
    posted = row(10000, path="email", type="string", pattern="^a")
    for end, status in (("", 400), ("try/", 200)):
        answer = engineer.post(address_of(source, end=end), posted)
        assert answer.status_code == status
        assert "or ask an administrator for sight of contact data" in answer.content.decode()
    assert "email" not in draft()["track:Order"]["properties"]
    assert engineer.post(address_of(source), {**posted, "row-10000-pattern": ""}).status_code == 302
    assert draft()["track:Order"]["properties"]["email"] == {"type": "string"}
