"""The trace of one event by its message id, through all parts that know of it."""

from datetime import timedelta

import pytest

from compliance import suppression
from compliance.access import MASK, AccessDenied, Actor
from compliance.enums import Category, Operation
from compliance.models import AuditEntry
from ingestion.domain.sources import source_named
from ingestion.domain.traces import Outcome, Stage, UnknownMessage, trace
from ingestion.domain.traces.timed import timed
from ingestion.models import Rejection
from profiles.consumers.sessions import SessionsConsumer
from streaming.contracts.events import encode_event, record_key
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.event_log import close_event_log, event_log
from streaming.models import DeadLetter
from tests.profiles.builder.driver import START, event, record_of
from tests.profiles.consumers.driving import follow
from tests.profiles.people import ALL, JANE, builder  # noqa: F401 -- fixture
from tests.rest import api, client_with  # noqa: F401 -- fixtures

READER = Actor(
    ALL.kind,
    "reader",
    frozenset({Operation.EVENTS_VIEW, Operation.PEOPLE_VIEW, Operation.SOURCES_VIEW}),
    frozenset({Category.BEHAVIOUR}),
)
TOPIC = "events.other"


@pytest.fixture
def log(fresh_database):
    log = event_log()
    log.create_topics([TopicSpec(name, 2) for name in (TOPIC, CHANGES_TOPIC, EVENTS_TOPIC)])
    yield log
    close_event_log()


@pytest.fixture
def shop(fresh_database):
    return source_named(name="Web shop", by=ALL, now=START)


def append(log, *events):
    log.append(
        [NewRecord(TOPIC, record_key(e["anonymous_id"], e["user_id"]), encode_event(e)) for e in events]
    )


def sentences(found, stage):
    return [step.sentence for step in found.steps if step.stage is stage]


@pytest.fixture
def jane_told(log, shop, builder):  # noqa: F811 -- fixture
    """An identify of Jane that is in the log, was applied, and was published."""
    told = event(
        "identify", anonymous_id="a1", user_id="42", traits=JANE, message_id="m/1", source_id=shop.pk
    )
    append(log, told)
    builder.send(told)
    log.append([new for new in builder.published if new.topic == EVENTS_TOPIC])
    return told


def test_each_step_tells_how_long_after_receiving_it_was_done(log, shop, jane_told):
    (found,) = trace(ALL, "m/1", log=log)
    way = timed(found)
    by_stage = {each.step.stage: each for each in way.steps}
    received, published = (
        next(step.at for step in found.steps if step.stage is stage and step.at is not None)
        for stage in (Stage.RECEIVED, Stage.PUBLISHED)
    )
    assert by_stage[Stage.RECEIVED].elapsed == timedelta(0)
    assert (by_stage[Stage.LOGGED].elapsed or timedelta(0)) > timedelta(0)
    assert by_stage[Stage.PUBLISHED].elapsed == published - received
    assert not by_stage[Stage.PUBLISHED].is_bound
    for stage in (Stage.APPLIED, Stage.CHANGED):
        assert (by_stage[stage].elapsed, by_stage[stage].is_bound) == (published - received, True)
    assert way.is_over


def test_the_way_of_an_event_is_not_over_before_it_is_published(log, shop, jane_told):
    (found,) = trace(ALL, "m/1", log=log)
    found.steps = [step for step in found.steps if step.stage is not Stage.PUBLISHED]
    way = timed(found)
    assert not way.is_over
    assert {each.elapsed for each in way.steps if each.step.stage is Stage.APPLIED} == {None}


def test_an_applied_event_tells_its_whole_way(log, shop, builder, jane_told):  # noqa: F811 -- fixture
    follow(SessionsConsumer(partitions=1), builder)
    (found,) = trace(ALL, "m/1", log=log)
    assert (found.outcome, found.source) == (Outcome.APPLIED, "Web shop")
    assert [step.stage for step in found.steps] == sorted(
        (step.stage for step in found.steps), key=lambda stage: stage.place
    )
    (logged,) = [step for step in found.steps if step.stage is Stage.LOGGED]
    assert logged.details["topic"] == TOPIC
    assert logged.at is not None
    assert logged.details["offset"] == 0
    (published,) = [step for step in found.steps if step.stage is Stage.PUBLISHED]
    assert published.details["topic"] == EVENTS_TOPIC
    assert sentences(found, Stage.APPLIED) == ["It is in the timeline of Jane Miller."]
    assert any(" 42 " in link for link in sentences(found, Stage.LINKED))
    changed = sentences(found, Stage.CHANGED)
    assert "It set the trait city, and that value counts now." in changed
    assert "It is counted: 1 of identify on 2026-03-01 (UTC)." in changed
    assert "It belongs to a visit of 1 events." in changed
    assert found.event is not None
    assert found.event["traits"]["city"] == "Leeds"


def test_a_trait_that_somebody_told_later_no_longer_counts(log, builder, jane_told):  # noqa: F811 -- fixture
    builder.send(event("identify", anonymous_id="a1", user_id="42", minutes=9, traits={"city": "York"}))
    (found,) = trace(ALL, "m/1", log=log)
    assert "It told the trait city; a value of 2026-03-01 counts instead." in sentences(found, Stage.CHANGED)


def test_what_the_actor_may_not_see_stays_masked_and_each_trace_is_kept(log, jane_told):
    (found,) = trace(READER, "m/1", log=log)
    shown = repr(found)
    for hidden in ("jane@example.com", "Jane Miller", "Leeds"):
        assert hidden not in shown
    assert "traits.email" in found.masked
    assert any(step.details.get("email") == MASK for step in found.steps)
    rows = AuditEntry.objects.filter(actor="reader").order_by("pk").values_list("action", flat=True)
    assert list(rows) == ["person.trace", "events.trace"]
    with pytest.raises(AccessDenied):
        trace(Actor(ALL.kind, "nobody"), "m/1", log=log)


def test_one_that_waits_for_the_builder_is_found_in_the_log_alone(log, shop):
    append(log, event(user_id="7", message_id="m-2", source_id=shop.pk, name="Order Completed"))
    (found,) = trace(ALL, "m-2", log=log)
    assert found.outcome is Outcome.WAITING
    assert len(sentences(found, Stage.LOGGED)) == 1


def test_a_log_that_no_longer_has_it_says_so_and_a_late_append_tells_of_the_spool(log, shop, builder):  # noqa: F811 -- fixture
    told = event(user_id="7", message_id="m-3", source_id=shop.pk)
    builder.send(told)
    (found,) = trace(ALL, "m-3", log=log)
    assert found.notes == ["The log no longer has it; the timeline is the record."]
    append(log, told)
    (found,) = trace(ALL, "m-3", log=log)
    assert found.notes == []
    assert sentences(found, Stage.LOGGED) == ["It was appended to the log late: it had waited in the spool."]


def test_messages_of_several_sources_with_one_id_are_told_apart(log, shop, builder):  # noqa: F811 -- fixture
    other = source_named(name="App", by=ALL, now=START)
    builder.send(event(user_id="7", message_id="m-4", source_id=shop.pk))
    builder.send(event(user_id="8", message_id="m-4", source_id=other.pk))
    Rejection.objects.create(
        source=other,
        received_at=START,
        code="no_event",
        reason="it has no name",
        message_id="m-4",
        raw_bytes=1,
    )
    found = trace(ALL, "m-4", log=log)
    assert sorted((each.source, each.outcome) for each in found) == [
        ("App", Outcome.APPLIED), ("App", Outcome.REJECTED), ("Web shop", Outcome.APPLIED),
    ]  # fmt: skip
    assert len({each.person for each in found if each.person}) == 2


def test_a_suppressed_one_is_known_without_anything_of_it(log, shop, builder):  # noqa: F811 -- fixture
    suppression.suppress("user_id", "13", by=ALL, now=START)
    builder.send(event(user_id="13", message_id="m-5", source_id=shop.pk))
    (found,) = trace(ALL, "m-5", log=log)
    assert found.outcome is Outcome.SUPPRESSED
    assert found.person is None
    assert "13" not in repr(found.event)


def test_a_dead_letter_names_the_consumer_and_leads_to_it(log, shop):
    told = event(user_id="7", message_id='m"6', source_id=shop.pk)
    record = record_of(told)
    letter = DeadLetter.objects.create(
        consumer="profiles", topic=TOPIC, partition=0, offset=3, key=record.key, value=record.value,
        reason="no", appended_at=START, created_at=START,
    )  # fmt: skip
    (found,) = trace(ALL, 'm"6', log=log)
    assert found.outcome is Outcome.DEAD_LETTER
    (aside,) = [step for step in found.steps if step.stage is Stage.PUT_ASIDE]
    assert aside.lead is not None
    assert aside.lead.id == str(letter.pk)


def test_one_of_which_nothing_is_known_says_what_that_means(log):
    with pytest.raises(UnknownMessage, match="never arrived"):
        trace(ALL, "nope", log=log)


def test_rest_and_page(log, client_with, client, django_user_model, jane_told):  # noqa: F811 -- fixture
    scopes = ("events.view", "people.view", "sources.view")
    rest = client_with(*scopes, categories=[category.value for category in Category])
    (found,) = rest.get("/api/v1/events/m/1/trace/").json()["results"]
    assert (found["message_id"], found["outcome"], found["source"]) == ("m/1", "applied", "Web shop")
    assert found["steps"][0]["stage"] == "received"
    assert rest.get("/api/v1/events/nope/trace/").status_code == 404
    assert client_with("people.view").get("/api/v1/events/m/1/trace/").status_code == 403
    client.force_login(django_user_model.objects.create(username="root", is_staff=True, is_superuser=True))
    assert client.post("/admin/trace/", {"message": "m/1"}).headers["Location"] == "/admin/trace/m/1/"
    page = client.get("/admin/trace/m/1/").content.decode()
    assert "It set the trait city, and that value counts now." in page
    unknown = client.post("/admin/trace/", {"message": "x@example.com"})
    assert "never arrived" in unknown.content.decode()
