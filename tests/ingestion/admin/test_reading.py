"""Live events and rejections: who sees what of them, and what is kept of each look."""

from uuid import uuid4

import pytest

from compliance.access import MASK
from compliance.enums import Category
from ingestion.domain.people import KnownPerson, register_people
from ingestion.models import LiveEvent, Rejection

XSS = "<script>alert(1)</script>"


@pytest.fixture
def known(monkeypatch):
    """One person who is behind everything."""
    person = KnownPerson(uuid4(), "Rosa Linden")
    monkeypatch.setattr("ingestion.domain.people._people", [])
    register_people(lambda _actor, ids: dict.fromkeys(ids, person))
    return person


def test_live_shows_events_with_their_people_and_keeps_the_look(administrator, live_event, known, audited):
    page = administrator.get("/admin/live/").content.decode()
    assert "Order Completed" in page
    assert "Rosa Linden" in page
    (entry,) = audited("events.watch")
    assert entry.actor == "administrator"
    assert len(entry.subjects) == 1
    assert "jane@example.com" not in page


def test_only_newer_rows_are_sent_and_an_empty_look_is_not_kept(administrator, live_event, known, audited):
    rows = administrator.get("/admin/live/rows/", {"after": live_event.pk}).content.decode()
    assert "<tr" not in rows
    assert audited("events.watch") == []
    assert (
        "Order Completed"
        in administrator.get("/admin/live/rows/", {"after": live_event.pk - 1}).content.decode()
    )


def test_an_administrator_opens_an_event_whole(administrator, live_event, audited):
    page = administrator.get(f"/admin/live/{live_event.pk}/").content.decode()
    assert "jane@example.com" in page
    assert "192.0.2.7" in page
    assert "1.5 s behind ours" in page
    (entry,) = audited("events.open")
    assert set(entry.categories) == set(Category)
    assert entry.target == f"live_event:{live_event.pk}"


def test_a_marketer_opens_an_event_without_contact_data_what_nobody_classified_and_the_raw_form(
    marketer, live_event, audited
):
    page = marketer.get(f"/admin/live/{live_event.pk}/").content.decode()
    for hidden in ("jane@example.com", "192.0.2.7", "odd"):
        assert hidden not in page
    assert "12.5" in page
    assert "user-77" in page
    assert MASK not in page, "what is hidden says so in words"
    assert page.count('class="hw-masked"') == 4
    (entry,) = audited("events.open")
    assert Category.CONTACT not in entry.categories
    assert entry.detail == {"raw": False}


def test_a_marketer_cannot_search_for_what_is_hidden(marketer, administrator, live_event):
    wanted = {"text": "192.0.2"}
    assert "Order Completed" in administrator.post("/admin/live/", wanted, follow=True).content.decode()
    assert "Order Completed" not in marketer.post("/admin/live/", wanted, follow=True).content.decode()


def test_an_event_that_is_no_longer_kept_says_so(administrator, db):
    answer = administrator.get("/admin/live/999/", headers={"HX-Request": "true"})
    assert "keeps events for 15 minutes" in answer.content.decode()


def test_rejections_are_listed_by_reason_and_the_look_is_kept(marketer, rejection, audited):
    page = marketer.get("/admin/rejections/").content.decode()
    assert "A track needs the name of what happened" in page
    assert "bad@example.com" not in page
    assert [entry.detail for entry in audited("rejections.list")] == [{"items": 1}]


def test_a_rejected_item_shows_as_far_as_the_role_allows(administrator, marketer, rejection, audited):
    assert "bad@example.com" in administrator.get(f"/admin/rejections/{rejection.pk}/").content.decode()
    assert "bad@example.com" not in marketer.get(f"/admin/rejections/{rejection.pk}/").content.decode()
    assert [(entry.actor, entry.detail["raw"]) for entry in audited("events.open")] == [
        ("administrator", True), ("marketer", False),
    ]  # fmt: skip


def test_rejections_are_paged_by_key(administrator, source, rejection):
    Rejection.objects.bulk_create(
        Rejection(
            source=source,
            received_at=rejection.received_at,
            code="c",
            reason=f"reason {number}",
            raw="",
            raw_bytes=0,
        )
        for number in range(60)
    )
    first = administrator.get("/admin/rejections/").content.decode()
    assert "Older" in first
    last = Rejection.objects.order_by("-pk")[49].pk
    second = administrator.get("/admin/rejections/", {"before": last}).content.decode()
    assert "Newest" in second
    assert "reason 9<" in second.replace("Reason", "reason")


def test_an_item_that_was_cut_shows_only_to_those_who_may_see_everything(administrator, marketer, rejection):
    Rejection.objects.filter(pk=rejection.pk).update(raw='{"userId": "secret-user", "pro', raw_bytes=99_000)
    assert "secret-user" in administrator.get(f"/admin/rejections/{rejection.pk}/").content.decode()
    assert "secret-user" not in marketer.get(f"/admin/rejections/{rejection.pk}/").content.decode()


def test_what_clients_sent_is_escaped(administrator, source):
    raw = f'{{"type": "track", "event": "{XSS}", "user_id": "{XSS}", "properties": {{"{XSS}": "{XSS}"}}}}'
    event = LiveEvent.objects.create(
        at="2026-03-04T12:00Z", source=source, type="track", name=XSS, result="accepted", reason=XSS, raw=raw
    )
    Rejection.objects.create(
        source=source, received_at="2026-03-04T12:00Z", code="x", reason=XSS, name=XSS, raw=raw, raw_bytes=9
    )
    paths = ("live/", "live/rows/?after=0", f"live/{event.pk}/", "rejections/", f"sources/{source.pk}/")
    for path in paths:
        page = administrator.get(f"/admin/{path}").content.decode()
        assert XSS not in page, path
        assert "&lt;script&gt;" in page, path


@pytest.mark.parametrize("query", ["source=x", "source=99999999999999999999", "before=-1"])
def test_odd_addresses_are_no_errors(administrator, live_event, rejection, query):
    for path in ("live/", "live/rows/", "rejections/", "imports/"):
        assert administrator.get(f"/admin/{path}?{query}").status_code == 200, path


@pytest.mark.parametrize("query", ["before=%00", "code=%00&type=%00&result=%00&find=%00&looks=%00"])
def test_addresses_that_no_database_can_look_for_are_refused(administrator, live_event, rejection, query):
    for path in ("live/", "live/rows/", "rejections/", "imports/"):
        assert administrator.get(f"/admin/{path}?{query}").status_code == 400, path
