"""The catalogue, tracking plans and quarantine in the admin, and the catalogue over REST."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone

from compliance.access import Actor, category_of_property
from compliance.classification import Decided, use_decided
from compliance.enums import Category
from compliance.models import AuditEntry, Role
from compliance.suppression import snapshot
from ingestion.domain.events import Envelope, accept_item, encode_accepted
from ingestion.domain.plans.loading import load_rules
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.domain.quarantine.storing import read_held, store_held
from ingestion.models import CatalogueEvent, CatalogueKey, LiveEvent, Quarantined, Resend, TrackingPlan
from streaming.contracts.records import Record
from tests.ingestion.domain.catalogue.test_storing import learn, record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("tests")
XSS = "<script>alert(1)</script>"
CAST = '[{"do": "cast", "key": "total", "to": "number"}]'


@pytest.fixture(autouse=True)
def nothing_decided():
    yield
    use_decided(Decided())


@pytest.fixture
def known(source):
    """An event whose properties are of several categories."""
    learn(
        record(
            {"properties": {"plan": "gold", "email": "jane@example.com", "wibble": "odd"}},
            source,
            timezone.now(),
        ),
        record({"event": XSS, "properties": {XSS: XSS}}, source, timezone.now()),
    )
    return CatalogueEvent.objects.get(name="Order Completed")


def held(source, *values):
    plan = save_draft(
        source, {"events": {"track:Order": {"properties": {"total": {"type": "number"}}}}, "policy": {"wrong": "quarantine"}},
        by=BY, now=NOW,
    )  # fmt: skip
    publish(plan, note="", by=BY, now=NOW)
    envelope = Envelope(source_id=source.pk, received_at=timezone.now(), rules=load_rules()[source.pk])
    records = []
    for number, value in enumerate(values):
        item = {
            "type": "track", "event": "Order", "userId": "u", "messageId": f"m{number}",
            "properties": {"total": value, "email": "jane@example.com"},
        }  # fmt: skip
        records.append(
            Record("quarantine", 0, number, b"u", encode_accepted(accept_item(item, envelope), item), (), NOW)
        )
    connection.ensure_connection()
    store_held(
        connection.connection, [read_held(each) for each in records], people=snapshot(), now=timezone.now()
    )
    return Quarantined.objects.order_by("-pk").first()


def test_the_catalogue_lists_and_filters_events(administrator, known):
    page = administrator.get("/admin/catalogue/").content.decode()
    assert "Order Completed" in page
    assert XSS not in page
    found = administrator.post("/admin/catalogue/", {"text": "zzz jane", "source": "1"})
    assert found.headers["Location"].startswith("/admin/catalogue/?source=1&find=")
    assert "jane" not in found.headers["Location"]
    assert "Order Completed" not in administrator.get(found.headers["Location"]).content.decode()
    again = administrator.post("/admin/catalogue/", {"text": "Completed"}, follow=True).content.decode()
    assert "Order Completed" in again
    assert 'value="Completed"' in again
    assert administrator.get("/admin/catalogue/", {"after": "9" * 30, "source": "x"}).status_code == 200


def test_an_event_shows_its_keys_and_examples_leave_an_audit_row(administrator, known):
    page = administrator.get(f"/admin/catalogue/{known.pk}/").content.decode()
    assert "gold" in page
    assert "jane@example.com" not in page
    [row] = AuditEntry.objects.filter(action="catalogue.examples")
    assert row.categories == ["transactions"]


def test_the_events_of_an_entry_open_in_live_without_its_name_in_the_address(
    administrator, known, live_event
):
    page = administrator.get(f"/admin/catalogue/{known.pk}/").content.decode()
    assert f"/admin/live/?event={known.pk}" in page
    live = administrator.get("/admin/live/", {"event": str(known.pk)}).content.decode()
    assert "Order Completed" in live


def test_what_stands_for_ids_is_explained(administrator, source, known):
    learn(record({"event": "Priced", "properties": {"prices": {"4711": 1}}}, source, timezone.now()))
    keys = {key.name: f"/admin/catalogue/keys/{key.pk}/" for key in CatalogueKey.objects.all()}
    said = "stands for any id"
    event = CatalogueEvent.objects.get(name="Priced")
    assert said in administrator.get(f"/admin/catalogue/{event.pk}/").content.decode()
    assert said in administrator.get(keys["prices.*"]).content.decode()
    assert said not in administrator.get(keys["prices"]).content.decode()


def test_a_property_of_several_types_is_marked(administrator, source, known):
    learn(
        *(
            record({"event": "Typed", "properties": {"n": n, "m": m}}, source, timezone.now())
            for n, m in ((1, 1), (1.5, "1"), (None, None))
        )
    )
    event = CatalogueEvent.objects.get(name="Typed")
    assert administrator.get(f"/admin/catalogue/{event.pk}/").content.decode().count("mixed") == 1


def test_examples_are_masked_for_who_may_not_see_their_category(client_of, known):
    group = Group.objects.create(name="engineer")
    Role.objects.create(group=group, operations=["sources.view"], categories=[], description="")
    page = client_of("engineer").get(f"/admin/catalogue/{known.pk}/").content.decode()
    assert "gold" not in page
    assert not AuditEntry.objects.filter(action="catalogue.examples").exists()


def test_people_say_what_an_event_is(administrator, marketer, known):
    said = {"description": "An order", "owner": "Shop", "purpose": ["service"]}
    assert administrator.post(f"/admin/catalogue/{known.pk}/", said).status_code == 302
    known.refresh_from_db()
    assert (known.description, known.owner, known.purposes) == ("An order", "Shop", ["service"])
    assert "An order" in administrator.get(f"/admin/catalogue/{known.pk}/").content.decode()
    assert marketer.post(f"/admin/catalogue/{known.pk}/", said).status_code == 403
    refused = administrator.post(f"/admin/catalogue/{known.pk}/", {**said, "purpose": ["none such"]})
    assert "There is no purpose" in refused.content.decode()


def test_keys_are_classified_one_by_one_and_in_bulk(administrator, marketer, known):
    plan = CatalogueKey.objects.get(name="plan")
    assert administrator.post(f"/admin/catalogue/keys/{plan.pk}/", {"category": "special"}).status_code == 302
    assert category_of_property("plan") == Category.SPECIAL
    everything = list(CatalogueKey.objects.values_list("pk", flat=True))
    assert (
        administrator.post("/admin/catalogue/keys/decide/", {"key": everything, "category": ""}).status_code
        == 302
    )
    assert category_of_property("email") == Category.CONTACT
    assert CatalogueKey.objects.get(name="wibble").category == ""
    for filters in (
        {},
        {"category": "undecided"},
        {"category": "contact", "kind": "property"},
    ):
        assert administrator.get("/admin/catalogue/keys/", filters).status_code == 200
    filters = {"category": "contact", "kind": "property", "text": "mail"}
    page = administrator.post("/admin/catalogue/keys/", filters, follow=True).content.decode()
    assert "Choose email" in page
    assert "Choose wibble" not in page
    assert marketer.post("/admin/catalogue/keys/decide/", {"key": everything}).status_code == 403
    answer = administrator.post("/admin/catalogue/keys/decide/", {"key": ["x"]}, follow=True)
    assert "Choose properties or traits first" in answer.content.decode()


def test_a_plan_is_inferred_published_compared_gone_back_to_and_stopped(administrator, source, known):
    address = f"/admin/plans/{source.pk}/"
    assert "Nothing is checked" in administrator.get(address).content.decode()
    assert administrator.post(f"{address}infer/").status_code == 302
    assert administrator.post(f"{address}publish/", {"note": "first"}).status_code == 302
    page = administrator.get(address).content.decode()
    assert "Version 1 holds" in page
    assert XSS not in page
    saved = {"events": '{"track:A": {"properties": {"a": {"type": "string"}}}}'}
    assert administrator.post(address, saved).status_code == 302
    assert administrator.post(address, {"wrong": "strip"}).status_code == 302
    draft = TrackingPlan.objects.get().draft
    assert (list(draft["events"]), draft["policy"]["wrong"]) == (["track:A"], "strip")
    assert "no longer planned" in administrator.get(address).content.decode()
    administrator.post(f"{address}publish/")
    assert "Going back to version 1" in administrator.get(address, {"version": "1"}).content.decode()
    between = administrator.get(address, {"version": "1", "with": "2"}).content.decode()
    assert "From version 1 to 2" in between
    assert "no longer planned" in between
    administrator.post(f"{address}return/", {"version": "1"})
    published = TrackingPlan.objects.get().published
    assert published is not None
    assert published.number == 1
    administrator.post(f"{address}stop/")
    assert TrackingPlan.objects.get().published is None
    assert administrator.get("/admin/plans/").status_code == 200


def test_a_plan_that_cannot_be_kept_says_so_beside_what_was_typed(administrator, source):
    answer = administrator.post(f"/admin/plans/{source.pk}/", {"events": '{"track:A": {"type": "money"}}'})
    assert answer.status_code == 400
    assert "&quot;money&quot;" in answer.content.decode()
    assert administrator.post(f"/admin/plans/{source.pk}/", {"events": "{"}).status_code == 400


def test_quarantine_shows_groups_previews_and_discards(administrator, source):
    row = held(source, "12.5", "much")
    assert "should be a number" in administrator.get("/admin/quarantine/").content.decode()
    address = f"/admin/quarantine/{row.pk}/"
    assert "1 of the 2 newest would pass" in administrator.get(address).content.decode()
    assert "0 of the 2 newest would pass" in administrator.post(address, {"steps": "[]"}).content.decode()
    assert "1 of the 2 newest would pass" in administrator.post(address, {"steps": CAST}).content.decode()
    assert administrator.post(address, {"steps": "{"}).status_code == 400
    assert "should be a number" in administrator.get(f"/admin/plans/{source.pk}/").content.decode()
    assert administrator.post(f"{address}discard/").status_code == 302
    assert set(Quarantined.objects.values_list("state", flat=True)) == {"discarded"}
    assert administrator.get(address).status_code == 200
    assert administrator.get("/admin/quarantine/999999/").status_code == 404


def test_quarantine_is_masked_and_decided_only_by_who_may(marketer, source):
    row = held(source, "much")
    page = marketer.get(f"/admin/quarantine/{row.pk}/").content.decode()
    assert "jane@example.com" not in page
    for action in ("resend", "discard"):
        assert marketer.post(f"/admin/quarantine/{row.pk}/{action}/").status_code == 403
    assert AuditEntry.objects.filter(action="quarantine.preview").exists()


def test_a_job_is_followed_and_cancelled(administrator, source):
    job = Resend.objects.create(
        source=source,
        type="track",
        name="Order",
        reason="r",
        created_at=NOW,
        created_by="ann",
        asked=4,
        sent=1,
    )
    address = f"/admin/quarantine/jobs/{job.pk}/"
    assert "1 of 4" in administrator.get(address).content.decode()
    assert "<html" not in administrator.get(address, HTTP_HX_REQUEST="true").content.decode()
    administrator.post(f"{address}cancel/")
    assert "Cancelled" in administrator.get(address).content.decode()


def test_live_says_that_an_event_is_in_quarantine_and_why(administrator, source):
    row = held(source, "much")
    event = LiveEvent.objects.create(
        at=timezone.now(), source=source, type="track", name="Order", result="quarantined", reason=row.reason,
        message_id="m", raw=row.value,
    )  # fmt: skip
    assert "Quarantined" in administrator.get("/admin/live/", {"result": "quarantined"}).content.decode()
    page = administrator.get(f"/admin/live/{event.pk}/").content.decode()
    assert "Breaks its tracking plan" in page
    assert f"/admin/quarantine/?source={source.pk}" in page


def test_purposes_of_a_source_are_set_on_its_page(administrator, marketer, source):
    address = f"/admin/sources/{source.pk}/purposes/"
    assert administrator.post(address, {"purpose": ["service", "analytics"]}).status_code == 302
    source.refresh_from_db()
    assert source.purposes == ["analytics", "service"]
    administrator.post(address, {"purpose": ["none such"]})
    source.refresh_from_db()
    assert source.purposes == ["analytics", "service"]
    assert marketer.post(address, {"purpose": []}).status_code == 403
    assert administrator.get(f"/admin/sources/{source.pk}/").status_code == 200


def test_empty_screens_say_what_to_do_next(administrator, db):
    for address in ("catalogue/", "catalogue/keys/", "plans/", "quarantine/"):
        page = administrator.get(f"/admin/{address}")
        assert page.status_code == 200
        assert "hw-empty" in page.content.decode(), address
