"""Consents, objections and restrictions of people whom nobody knows yet: kept, and true of whoever they turn out to be."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from compliance.gate import may_use
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from compliance.suppression import suppress
from profiles.domain.queries.consent_history import consent_history
from profiles.models import Consent, Declaration, Identifier, Session, TimelineEvent
from streaming.contracts.events import OTHER_EVENTS_TOPIC, decode_event
from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import TopicPartition
from streaming.event_log import event_log
from tests.profiles.api.test_declarations import events_topic, give, post, program  # noqa: F401 -- fixtures
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import clear
from tests.profiles.domain.decisions.stored import NOW
from tests.profiles.people import ALL, person_of

pytestmark = pytest.mark.usefixtures("events_topic", "of_today")


@pytest.fixture
def of_today(builder):
    """A builder at the time of the requests: what was received in its future it refuses."""
    builder.now = timezone.now()


def sent() -> list:
    """What went into the log."""
    return [
        decode_event(each.value) for each in event_log().tail([TopicPartition(OTHER_EVENTS_TOPIC, 0)], 100)
    ]


def test_a_consent_before_the_first_event_is_kept_and_makes_somebody_known(program, builder):  # noqa: F811
    answer = give(
        program, identifier="email:Jo@Example.com", proof="paper 7", text_version="3", reason="at the fair"
    )
    assert (answer.status_code, answer.json()) == (202, {"recorded": True, "state": "on_its_way"})
    assert not Identifier.objects.exists()
    builder.send(*sent())
    jo = person_of("email", "jo@example.com")
    assert may_use("marketing", [jo.public_id]) == {jo.public_id}
    (said,) = consent_history(ALL, jo.public_id).items
    assert (said.origin, said.source, said.proof, said.text_version, said.reason) == (
        "api", "test", "paper 7", "3", "at the fair",
    )  # fmt: skip
    row = AuditEntry.objects.get(action="consent.give")
    assert row.subjects == [pseudonym("email:jo@example.com")]
    builder.send(event("identify", user_id="jo", traits={"email": "jo@example.com"}))
    assert person_of("user_id", "jo") == person_of("email", "jo@example.com")
    assert may_use("marketing", [person_of("user_id", "jo").public_id])


def test_it_comes_once_however_often_its_event_does(program, builder):  # noqa: F811
    give(program, identifier="user_id:new")
    for _ in range(3):
        builder.send(*sent())
    assert Declaration.objects.count() == Consent.objects.count() == 1
    assert TimelineEvent.objects.count() == 1
    assert not Session.objects.exists()


def test_objection_and_restriction_hold_as_soon_as_the_person_is_there(program, builder):  # noqa: F811
    about = {"identifier": "user_id:new", "holds": True}
    assert post(program, "objections", {**about, "purpose": "marketing"}).status_code == 202
    assert post(program, "restrictions", {**about, "identifier": "user_id:other"}).status_code == 202
    give(program, identifier="user_id:new")
    builder.send(*sent())
    assert may_use("marketing", [person_of("user_id", "new").public_id]) == frozenset()
    assert may_use("service", [person_of("user_id", "new").public_id]) != frozenset()
    assert may_use("service", [person_of("user_id", "other").public_id]) == frozenset()


def test_in_any_order_with_other_events_the_most_restrictive_holds(program, builder):  # noqa: F811
    give(program, identifier="user_id:new", said_at="2026-03-01T10:00:00Z")
    give(program, granted=False, identifier="user_id:new", said_at="2026-03-01T11:00:00Z")
    first, second = sent()
    others = event("identify", minutes=-240, user_id="new", anonymous_id="d"), event(minutes=9, user_id="new")
    found = set()
    for order in permutations([first, second, *others]):
        clear(builder.connection)
        builder.send_each(list(order), size=1)
        person = person_of("user_id", "new").public_id
        found.add((may_use("marketing", [person]), Declaration.objects.values("act").distinct().count()))
    assert found == {(frozenset(), 2)}


def test_who_is_suppressed_is_not_made_known_and_that_is_told(program, builder):  # noqa: F811
    suppress(by=ALL, namespace="email", value="gone@example.com", reason="asked", now=NOW)
    answer = give(program, identifier="email:gone@example.com")
    assert answer.status_code == 409
    assert "is suppressed, and nothing was kept" in answer.json()["detail"]
    one = {"purpose": "marketing", "granted": True}
    many = post(program, "consents", {"consents": [
        {**one, "identifier": "email:gone@example.com"}, {**one, "identifier": "user_id:new"},
        {**one, "identifier": "group_id:g"}, {**one, "identifier": "user_id:guest"},
    ]})  # fmt: skip
    assert [each["state"] for each in many.json()["results"]] == [
        "suppressed",
        "on_its_way",
        "unknown",
        "unknown",
    ]
    assert [each["recorded"] for each in many.json()["results"]] == [False, True, False, False]
    assert [each["user_id"] for each in sent()] == ["new"]
    builder.send(*sent())
    assert not Identifier.objects.filter(namespace__key="email").exists()


def test_who_was_suppressed_since_is_not_made_known(program, builder):  # noqa: F811
    give(program, identifier="email:gone@example.com")
    suppress(
        by=ALL, namespace="email", value="gone@example.com", reason="asked", now=NOW + timedelta(minutes=1)
    )
    builder.send(*sent())
    assert not Identifier.objects.exists()
    assert not Declaration.objects.exists()


def test_a_token_of_some_sources_makes_nobody_known(client_with, builder):
    seen = ["behaviour", "contact", "identity", "unclassified"]
    limited = client_with("consents.manage", categories=seen, sources=[])
    builder.send(event(user_id="theirs", source_id=8))
    answers = [give(limited, identifier=f"user_id:{name}") for name in ("theirs", "nobody")]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1
    assert sent() == []


def test_nothing_is_kept_when_the_log_cannot_be_used(program, builder, monkeypatch):  # noqa: F811
    builder.send(event(user_id="known"))

    def away(*_args: object, **_options: object) -> None:
        raise LogUnavailable("no broker answers")

    monkeypatch.setattr(event_log(), "append", away)
    one = {"purpose": "marketing", "granted": True}
    many = [{**one, "identifier": "user_id:known"}, {**one, "identifier": "user_id:new"}]
    assert post(program, "consents", {"consents": many}).status_code == 503
    assert not Declaration.objects.exists()
