"""The page of a person, and who may see what of it."""

import re
from uuid import uuid4

from django.urls import reverse

from compliance import suppression
from compliance.models import AuditEntry
from profiles.domain.queries.finding import ID_NAMESPACE
from profiles.models import Anchor
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL

XSS = "<script>alert(1)</script>"


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def _actions(actor: str) -> list[str]:
    return list(AuditEntry.objects.filter(actor=actor).order_by("id").values_list("action", flat=True))


def _part(jane, name: str) -> str:
    return reverse(f"admin:person_{name}", args=[jane.public_id])


def test_an_administrator_sees_all_of_a_person_and_leaves_a_trace(signed_in, jane):
    page = _text(signed_in("administrator").get(f"/admin/people/{jane.public_id}/"))
    for shown in (
        "Jane Miller",
        "jane@example.com",
        "Prospect" if jane.lifecycle == "prospect" else "Customer",
    ):
        assert shown in page
    assert "Order Completed" in page
    assert "4</strong> events in all" in page
    assert {
        "person.read",
        "person.traits",
        "person.timeline",
        "person.identifiers",
        "person.activity",
    } <= set(_actions("administrator"))


def test_a_marketer_sees_that_contact_data_is_masked_and_who_may_see_it(signed_in, jane):
    page = _text(signed_in("marketer").get(f"/admin/people/{jane.public_id}/"))
    assert "Jane Miller" in page
    assert "jane@example.com" not in page
    assert "administrator may see it" in page
    assert "Who looked" not in page


def test_what_can_be_done_with_a_person_is_offered_to_those_who_may(signed_in, jane):
    where = f"/admin/people/{jane.public_id}/"
    offered, marketer = signed_in("administrator").get(where), signed_in("marketer").get(where)
    for name in ("Merge or keep apart …", "Split: withdraw a link …", "Suppress an identifier …"):
        assert name in _text(offered)
        assert name not in _text(marketer)


def test_an_identifier_that_may_imitate_another_is_marked(signed_in, builder, jane):
    client, address = signed_in("administrator"), f"/admin/people/{jane.public_id}/"
    assert "Mixed letters" not in _text(client.get(address))
    builder.send(event(user_id="42", anonymous_id="p\u0430ypal"))
    assert "Mixed letters" in _text(client.get(address))


def test_former_ids_lead_to_the_live_one(signed_in, jane):
    former = Anchor.objects.exclude(birth_id=jane.public_id).values_list("birth_id", flat=True).first()
    answer = signed_in("administrator").get(f"/admin/people/{former}/", follow=True)
    assert answer.redirect_chain == [(f"/admin/people/{jane.public_id}/", 302)]
    assert "was merged" in _text(answer)


def test_an_unknown_id_and_an_erased_one_are_told_apart(signed_in, jane):
    client = signed_in("administrator")
    assert client.get(f"/admin/people/{uuid4()}/").status_code == 404
    erased = uuid4()
    suppression.suppress(ID_NAMESPACE, str(erased), by=ALL, now=START, reason="erasure")
    answer = client.get(f"/admin/people/{erased}/")
    assert answer.status_code == 410
    assert "was erased" in _text(answer)


def test_the_timeline_is_filtered_by_event_and_says_so_in_its_address(signed_in, jane):
    client = signed_in("administrator")
    answer = client.post(_part(jane, "timeline"), {"event": "Order Completed", "text": ""})
    assert "Order Completed" in _text(answer)
    assert "Identified" not in _text(answer)
    assert answer["HX-Replace-Url"] == f"/admin/people/{jane.public_id}/?event=Order+Completed"
    assert "Identified" not in _text(client.get(answer["HX-Replace-Url"])).split('id="timeline"')[1]


def test_a_search_in_the_timeline_never_stands_in_an_address(signed_in, jane):
    client = signed_in("administrator")
    answer = client.post(_part(jane, "timeline"), {"text": "JANE@example"})
    assert "jane" not in answer["HX-Replace-Url"].lower()
    assert _text(answer).count("hw-event-title") == 2  # the page view with her address, and the identify call


def test_a_search_in_the_timeline_finds_nothing_that_is_masked(signed_in, jane):
    answer = signed_in("marketer").post(_part(jane, "timeline"), {"text": "jane@example"})
    assert "No event matches" in _text(answer)


def test_older_events_come_by_cursor_without_a_second_heading_of_the_day(signed_in, builder, jane):
    builder.send(*[event(user_id="42", minutes=10 + number / 10, name="Tick") for number in range(120)])
    client = signed_in("administrator")
    first = client.post(_part(jane, "timeline"), {})
    cursor = first.context["next"]
    day = first.context["days"][-1].date.isoformat()
    second = client.post(_part(jane, "timeline"), {"cursor": cursor, "day": day})
    assert (_text(first).count("hw-event-title"), _text(second).count("hw-event-title")) == (50, 50)
    assert 'class="hw-day"' in _text(first)
    assert 'class="hw-day"' not in _text(second)
    assert client.post(_part(jane, "timeline"), {"cursor": "made up"}).status_code == 404


def _first_event(client, jane) -> str:
    page = client.get(f"/admin/people/{jane.public_id}/").content.decode()
    address = re.search(r'hx-get="(/admin/people/[^"]+/events/[^"]+)"', page)
    assert address
    return address[1].replace("&amp;", "&")


def test_an_event_opens_with_its_times_content_and_evidence(signed_in, jane):
    client = signed_in("administrator")
    answer = client.get(_first_event(client, jane))
    page = _text(answer)
    for shown in ("Received", "Time used", "gold", "User id", "a2", "60 s later"):
        assert shown in page
    assert _actions("administrator")[-1] == "person.event"


def test_an_event_of_somebody_else_is_not_shown(signed_in, builder, jane):
    builder.send(event(anonymous_id="other", minutes=5, properties={"secret": "word"}))
    client = signed_in("administrator")
    theirs = Anchor.objects.exclude(profile=jane).get().live_id
    address = _first_event(client, type("Other", (), {"public_id": theirs})())
    answer = client.get(address.replace(str(theirs), str(jane.public_id)))
    assert "No such event" in _text(answer)
    assert "word" not in _text(answer)


def test_the_address_of_an_event_needs_its_time(signed_in, jane):
    client = signed_in("administrator")
    for moment in ("", "yesterday", "2026-03-01T12:00:00", "x" * 200):
        answer = client.get(f"/admin/people/{jane.public_id}/events/1/", {"at": moment})
        assert answer.status_code == 404, moment


def test_the_history_of_a_trait_names_each_source(signed_in, builder, jane):
    builder.send(event("identify", user_id="42", minutes=20, source_id=2, traits={"plan": "silver"}))
    page = _text(signed_in("administrator").get(_part(jane, "trait"), {"key": "plan"}))
    assert page.index("silver") < page.index("gold")
    masked = _text(signed_in("marketer").get(_part(jane, "trait"), {"key": "email"}))
    assert "jane@example.com" not in masked
    assert "hidden" in masked


def test_why_it_is_one_person_and_its_merges_are_told(signed_in, jane):
    client = signed_in("administrator")
    why = _text(client.get(_part(jane, "why")))
    assert "What holds them together" in why
    assert "jane@example.com" in why
    merges = _text(client.get(_part(jane, "merges")))
    assert "Two people turned out to be one" in merges
    assert "jane@example.com" not in _text(signed_in("marketer").get(_part(jane, "why")))


def test_who_looked_is_told_to_those_who_may_see_the_trail(signed_in, jane):
    marketer = signed_in("marketer")
    marketer.get(f"/admin/people/{jane.public_id}/")
    assert marketer.get(_part(jane, "access")).status_code == 403
    administrator = signed_in("administrator")
    page = _text(administrator.get(_part(jane, "access")))
    assert (
        "marketer</strong> saw the profile, the traits, the timeline, the identifiers, the activity and the consents"
        in page
    )
    assert "audit.read" in _actions("administrator")


def test_whoever_is_not_signed_in_sees_nothing(client, jane):
    for name in ("why", "merges", "access", "trait", "identifiers"):
        assert client.get(_part(jane, name)).status_code == 302
    assert client.get(f"/admin/people/{jane.public_id}/")["Location"].startswith("/admin/login/")


def test_nothing_that_a_client_sends_becomes_markup(signed_in, builder, fresh_database):
    builder.send(
        event(
            "identify", anonymous_id=XSS, user_id=XSS, traits={"name": XSS, XSS: XSS, "list": [XSS]},
            context={"userAgent": XSS, XSS: XSS}, message_id=XSS,
        ),
        event(anonymous_id=XSS, user_id=XSS, name=XSS, properties={XSS: XSS, "name": "'\"><svg onload=alert(1)>"}),
    )  # fmt: skip
    client = signed_in("administrator")
    someone = Anchor.objects.first()
    assert someone is not None
    address = f"/admin/people/{someone.live_id}/"
    parts = [address, f"{address}why/", f"{address}access/", f"{address}identifiers/", "/admin/people/"]
    jane = type("Other", (), {"public_id": someone.live_id})()
    for path in [*parts, f"{address}trait/?key=list", _first_event(client, jane)]:
        page = client.get(path).content.decode()
        assert XSS not in page
        assert "<svg onload" not in page
