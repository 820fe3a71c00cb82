"""Traits, counters, the timeline, lifecycle, statistics; what is dropped and what is refused."""

from datetime import date, timedelta

import pytest
from django.db import connection as django_connection

from profiles.builder.statistics import LATENCY_BOUNDS
from profiles.domain.lifecycle import renew_lifecycles
from profiles.models import (
    BuilderMinute,
    DailyCounter,
    Identifier,
    Profile,
    ProfileName,
    TimelineEvent,
    TraitVersion,
)
from streaming.contracts.events import encode_event
from streaming.contracts.profiles import CHANGES_TOPIC, decode_change
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.driver import START, Driver, at, event, record_of


def changes(driver: Driver) -> list:
    return [decode_change(record.value) for record in driver.published if record.topic == CHANGES_TOPIC]


def test_an_event_has_its_effects_once_however_often_it_arrives(builder):
    one = event(anonymous_id="a")
    builder.send(one, one)
    builder.send(one)
    assert TimelineEvent.objects.count() == 1
    assert DailyCounter.objects.get().count == 1
    minute = BuilderMinute.objects.get()
    assert (minute.applied, minute.duplicates) == (1, 2)


def test_a_late_event_does_not_win_over_a_newer_trait_and_shows_the_person_earlier(builder):
    builder.send(event("identify", user_id="u", minutes=10, traits={"plan": "gold"}))
    builder.send(event("identify", user_id="u", minutes=5, traits={"plan": "free", "city": "Utrecht"}))
    person = Profile.objects.get()
    assert person.traits == {"plan": "gold", "city": "Utrecht"}
    assert person.first_seen == START + timedelta(minutes=5)
    assert person.provenance["plan"]["at"] == at(10)
    assert TraitVersion.objects.get(key="plan").value == "gold"


def test_null_deletes_a_trait_and_a_late_value_does_not_bring_it_back(builder):
    builder.send(event("identify", user_id="u", traits={"name": "Jane"}))
    builder.send(event("identify", user_id="u", minutes=10, traits={"name": None}))
    builder.send(event("identify", user_id="u", minutes=5, traits={"name": "Joan"}))
    assert Profile.objects.get().traits == {}
    assert TraitVersion.objects.get().value is None
    assert not ProfileName.objects.exists()


def test_a_trait_keeps_what_the_event_said_of_purposes(builder):
    builder.send(event("identify", user_id="u", traits={"plan": "gold"}, purposes=["marketing"]))
    assert Profile.objects.get().provenance["plan"]["purposes"] == ["only", "marketing"]
    assert TraitVersion.objects.get().purposes == ["only", "marketing"]
    assert TimelineEvent.objects.get().purposes == ["only", "marketing"]


def test_events_of_any_age_find_a_table_of_their_month(builder):
    ages = ["1997-06-30T23:59:59.999999Z", "1997-07-01T00:00:00.000000Z", "1890-01-01T00:00:00.000000Z"]
    builder.send(*(event(anonymous_id="a", timestamp=each, client_time=each) for each in ages))
    builder.send(event(anonymous_id="a", timestamp=ages[0], client_time=ages[1]))
    assert TimelineEvent.objects.count() == 4
    assert set(DailyCounter.objects.values_list("day", flat=True)) == {
        date(1997, 6, 30), date(1997, 7, 1), date(1890, 1, 1),
    }  # fmt: skip


def test_an_event_from_the_future_counts_from_when_it_arrived(builder):
    builder.send(event(anonymous_id="a", timestamp=at(60 * 24 * 400), received_at=at(1)))
    assert TimelineEvent.objects.get().timestamp == START + timedelta(minutes=1)


def test_a_purchase_makes_a_customer_and_time_a_former_one(builder):
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    builder.send(event(anonymous_id="a"))
    assert Profile.objects.get().lifecycle == "visitor"
    builder.send(event(anonymous_id="a", name="Order Completed", minutes=1))
    assert Profile.objects.get().lifecycle == "customer"
    assert [change["type"] for change in changes(builder)][-1] == "profile.lifecycle_changed.v1"
    assert renew_lifecycles(now=START + timedelta(days=365)) == 0
    before = Profile.objects.get().version
    assert renew_lifecycles(now=START + timedelta(days=366)) == 1
    assert renew_lifecycles(now=START + timedelta(days=366)) == 0
    person = Profile.objects.get()
    assert (person.lifecycle, person.version) == ("former_customer", before + 1)
    with django_connection.cursor() as cursor:
        cursor.execute("SELECT value FROM log_record")
        ((value,),) = cursor.fetchall()
    close_event_log()
    change = decode_change(bytes(value))
    assert change["type"] == "profile.lifecycle_changed.v1"
    assert change["value"]["lifecycle"] == "former_customer"
    assert [mapping.profile for mapping in change["anchors"]] == [str(person.public_id)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b'{"v": 99}', "wire version 99"),
        (b'{"v": "jane@x.org"}', "wire version unknown"),
        (encode_event(event(type_="jane@x.org")), "type is none of alias, "),
        (encode_event(event(timestamp="jane@x.org")), "timestamp is not a time"),
        (b'{"v": 1, "type": "track", "source_id": 1}', "it lacks message_id"),
        (encode_event(event(anonymous_id="a", traits="jane@x.org", type_="identify")), "cannot be read: "),
        (encode_event(event(source_id="one")), "source_id a number"),
        (encode_event(event(timestamp="2026-01-01T00:00:00")), "lacks its zone"),
    ],
)
def test_what_can_never_be_applied_is_refused_with_the_reason_and_the_rest_goes_on(builder, value, reason):
    builder.send(value, event(anonymous_id="a"))
    ((record, why),) = builder.rejected
    assert reason in why
    assert "jane" not in why
    assert record.value == value
    assert TimelineEvent.objects.count() == 1
    assert BuilderMinute.objects.get().rejected == 1


def test_characters_that_the_database_cannot_store_are_replaced(builder):
    builder.send(
        event("identify", user_id="u\x00", traits={"na\x00me": "J\x00"}, properties={"\x00": ["\x00"]})
    )
    assert Identifier.objects.get().value == "u\ufffd"
    assert Profile.objects.get().traits == {"na\ufffdme": "J\ufffd"}


def test_latency_is_counted_from_received_to_visible(database):
    driver = Driver(database)
    driver.consumer._clock = lambda: START + timedelta(seconds=0.3)
    sent = [event(anonymous_id="a", received_at=at(seconds / 60)) for seconds in (0, 0.26, -1000)]
    driver.send(*sent, event(user_id="of-a-file", received_at=at(0), import_id=7))
    counted = dict(zip((*LATENCY_BOUNDS, None), BuilderMinute.objects.get().latency, strict=True))
    assert {bound: count for bound, count in counted.items() if count} == {0.05: 1, 0.35: 1, None: 1}
    driver.close()


def test_rules_that_changed_count_from_the_next_batch_on(builder):
    builder.send(event(anonymous_id="a"))
    records = [record_of(event(anonymous_id="b", properties={"card": "7"}))]
    prepared = builder.consumer.prepare(records)
    assert prepared is not None
    from profiles.models import Namespace

    Namespace.objects.filter(key="customer_number").update(paths=["properties.card"])
    builder.process(records)
    assert Identifier.objects.filter(value="7").exists()
