"""Identifiers that were given to another person."""

import random
from datetime import date, timedelta

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import Operation
from compliance.models import AuditEntry
from compliance.suppression import suppress
from profiles.domain.decisions import AlreadyDecided, Undecidable, UnknownLink
from profiles.domain.handovers import UnknownHandover, hand_over, take_back
from profiles.domain.queries.finding import holder_of
from profiles.models import (
    Anchor,
    Consent,
    ConsentDay,
    DailyCounter,
    Evidence,
    Handover,
    Identifier,
    Namespace,
    Profile,
    Split,
    TimelineEvent,
)
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC, decode_change, decode_profile_event
from streaming.contracts.records import Record
from tests.conftest import Database
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import Driver, event
from tests.profiles.builder.picture import people
from tests.profiles.domain.decisions.stored import NOW, who
from tests.profiles.domain.handovers.test_histories import forget
from tests.profiles.people import ALL, MARKETER

DAY = date(2026, 3, 4)
BEFORE, AFTER = 0, 4 * 24 * 60  # minutes after START, which is noon of 1 March
PHONE = "+31612345678"
NEW = f"{PHONE}\u2060 (from 2026-03-04)"
USER = "42"
NEW_USER = f"{USER}\u2060 (from 2026-03-04)"


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


@pytest.fixture
def builder(builder: Driver) -> Driver:
    builder.now = NOW
    return builder


def phone_events() -> list[dict]:
    """Jane had the number, then Bob."""
    return [
        event("identify", user_id="jane", minutes=BEFORE, traits={"phone": PHONE, "name": "Jane"}),
        event("identify", user_id="bob", minutes=AFTER, traits={"phone": PHONE, "name": "Bob"}),
    ]


def consent(granted: bool) -> dict:
    return {"consent": {"categoryPreferences": {"marketing": granted}}}


def user_events() -> list[dict]:
    """Customer 42 is Jane on d1, later Bob on d2; the device `kiosk` knows both."""
    return [
        event("identify", user_id=USER, anonymous_id="d1", minutes=BEFORE, traits={"name": "Jane", "city": "Leeds"}, context=consent(True)),
        event(user_id=USER, anonymous_id="kiosk", minutes=BEFORE + 1),
        event("identify", user_id=USER, minutes=BEFORE + 2, traits={"plan": "gold"}, context=consent(True)),
        event(user_id=USER, minutes=BEFORE + 3, name="Order Completed"),
        event("identify", user_id=USER, minutes=AFTER, traits={"plan": "free", "name": "Bob"}, context=consent(False)),
        event(user_id=USER, anonymous_id="d2", minutes=AFTER + 1),
        event(user_id=USER, anonymous_id="kiosk", minutes=AFTER + 2),
        event(user_id=USER, minutes=AFTER + 3),
    ]  # fmt: skip


def facts() -> dict[str, object]:
    """Whose facts are whose, by the values of people; anchors as they are made do not matter."""
    of = {row.pk: frozenset(value for _, value in people()[row.profile_id]) if row.profile_id else None for row in Anchor.objects.all()}  # fmt: skip
    counts: dict[object, int] = {}
    for row in DailyCounter.objects.select_related("event"):
        key = of[row.anchor_id], row.day, row.event.name
        counts[key] = counts.get(key, 0) + row.count
    return {
        "people": groups(),
        "traits": {frozenset(v for _, v in people()[row.pk]): (row.traits, row.lifecycle, row.first_seen) for row in Profile.objects.all()},
        "events": {(row.message_id, of[row.anchor_id]) for row in TimelineEvent.objects.all()},
        "counts": counts,
        "consents": {(of[row.anchor_id], row.purpose, row.granted, row.timestamp) for row in Consent.objects.all()},
        "history": {
            (of[row.anchor_id], row.purpose, row.granted, row.day, row.first_at, row.last_at, row.message_id)
            for row in ConsentDay.objects.all()
        },
        "links": {
            (frozenset((row.a.value, row.b.value)), row.state, row.event_time)
            for row in Evidence.objects.select_related("a", "b").exclude(rule="keep_apart")
        },
    }  # fmt: skip


def test_a_phone_number_is_the_formers_before_the_day_and_the_new_holders_since(builder):
    builder.send(*phone_events())
    assert groups() == {frozenset({"jane"}), frozenset({"bob"})}, "seen with two: it joined nobody"
    given = hand_over(ALL, f"phone:{PHONE}", DAY, why="recycled", now=NOW)
    assert groups() == {frozenset({"jane", PHONE}), frozenset({"bob", NEW})}
    assert (given.decided.still_one, given.decided.deferred) == (False, False)
    assert len(given.decided.profiles) == 2
    assert AuditEntry.objects.filter(action="identity.hand_over", target=f"handover:{given.id}").exists()


def test_what_comes_later_goes_by_its_own_time(builder):
    builder.send(*phone_events())
    hand_over(ALL, f"phone:{PHONE}", DAY, why="", now=NOW)
    builder.send(event("identify", anonymous_id="old", minutes=BEFORE + 5, traits={"phone": PHONE}))
    builder.send(event("identify", anonymous_id="new", minutes=AFTER + 5, traits={"phone": PHONE}))
    assert groups() == {frozenset({"jane", PHONE, "old"}), frozenset({"bob", NEW, "new"})}


def test_a_user_id_with_events_on_both_sides_is_two_people_with_their_own_facts(builder):
    builder.send(*user_events())
    former = who(USER).public_id
    assert len(groups()) == 1
    hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    assert groups() == {frozenset({USER, "d1", "kiosk"}), frozenset({NEW_USER, "d2"})}
    jane, bob = who(USER), who(NEW_USER)
    assert jane.public_id == former
    assert (jane.traits, bob.traits) == (
        {"name": "Jane", "city": "Leeds", "plan": "gold"},
        {"name": "Bob", "plan": "free"},
    )
    assert (jane.lifecycle, bob.lifecycle) == ("customer", "prospect")
    assert {row.granted for row in Consent.objects.filter(anchor__profile=jane)} == {True}
    assert {row.granted for row in Consent.objects.filter(anchor__profile=bob)} == {False}
    assert TimelineEvent.objects.filter(anchor__profile=jane).count() == 4
    assert TimelineEvent.objects.filter(anchor__profile=bob).count() == 4
    for anchor in Anchor.objects.all():
        assert holder_of(anchor.birth_id).id in (jane.public_id, bob.public_id)


@pytest.mark.parametrize(
    ("events", "identifier"), [(phone_events, f"phone:{PHONE}"), (user_events, f"user_id:{USER}")]
)
def test_it_is_as_if_it_had_been_known_before_whatever_the_order(builder, events, identifier):
    sent = events()
    builder.send(*sent)
    hand_over(ALL, identifier, DAY, why="", now=NOW)
    known_afterwards = facts()
    for seed in range(3):
        forget(builder)
        first, *others = sent
        random.Random(seed).shuffle(others)
        builder.send(first)
        hand_over(ALL, identifier, DAY, why="", now=NOW)
        builder.send_each(others, 2)
        builder.send(*sent)  # again: it changes nothing
        assert facts() == known_afterwards


def test_taken_back_it_is_as_before(builder):
    builder.send(*user_events())
    before = facts()
    given = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    assert facts() != before
    take_back(ALL, given.id, now=NOW + timedelta(minutes=1))
    assert facts() == before
    with pytest.raises(AlreadyDecided):
        take_back(ALL, given.id, now=NOW)
    with pytest.raises(UnknownHandover):
        take_back(ALL, given.id + 1, now=NOW)
    again = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    after = facts()
    take_back(ALL, again.id, now=NOW + timedelta(minutes=1))
    assert facts() == before
    assert after["people"] == {frozenset({USER, "d1", "kiosk"}), frozenset({NEW_USER, "d2"})}


def test_a_number_that_joined_two_devices_parts_them(builder):
    builder.send(event("identify", anonymous_id="old", minutes=BEFORE, traits={"phone": PHONE}))
    builder.send(event("identify", anonymous_id="new", minutes=AFTER, traits={"phone": PHONE}))
    ids = {row.birth_id for row in Anchor.objects.all()}
    assert groups() == {frozenset({"old", PHONE, "new"})}
    hand_over(ALL, f"phone:{PHONE}", DAY, why="recycled", now=NOW)
    assert groups() == {frozenset({"old", PHONE}), frozenset({"new", NEW})}
    split = Split.objects.get()
    assert (split.cause, split.decided_by, split.why) == ("decision", ALL.name, "recycled")
    assert {holder_of(each).id for each in ids} == {who("old").public_id, who("new").public_id}


def test_the_split_and_the_events_that_changed_hands_are_published(builder, database):
    builder.send(*user_events())
    hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    bob = str(who(NEW_USER).public_id)
    splits = [
        change
        for record in published(database, CHANGES_TOPIC)
        if (change := decode_change(record.value))["type"] == "profile.split.v1"
    ]
    assert [each["cause"] for each in splits] == ["decision"]
    assert {moved.profile for moved in splits[0]["anchors"]} == {bob}
    births = {moved.anchor for moved in splits[0]["anchors"]}
    again = [decode_profile_event(record.value) for record in published(database, EVENTS_TOPIC)]
    assert {each["anchor"] for each in again} <= births
    assert [each["event"]["user_id"] for each in again] == [USER] * 3, "two with no device, one of the kiosk"


def test_no_event_since_the_day_makes_nobody_up(builder):
    builder.send(*user_events()[:4])
    given = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    assert (given.decided.still_one, len(given.decided.profiles)) == (False, 1)
    assert groups() == {frozenset({USER, "d1", "kiosk"})}
    builder.send(event(user_id=USER, anonymous_id="d2", minutes=AFTER))
    assert groups() == {frozenset({USER, "d1", "kiosk"}), frozenset({NEW_USER, "d2"})}


def test_given_on_a_second_time_there_are_three_people(builder):
    second = date(2026, 3, 3)
    builder.send(*(event(user_id=USER, minutes=day * 24 * 60) for day in (0, 2, 4)))
    first = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    given = hand_over(ALL, f"user_id:{USER}", second, why="", now=NOW)
    between = f"{USER}\u2060 (from 2026-03-03)"
    assert groups() == {frozenset({USER}), frozenset({between}), frozenset({NEW_USER})}
    builder.send(event(user_id=USER, anonymous_id="late", minutes=2.2 * 24 * 60))
    assert frozenset({between, "late"}) in groups()
    take_back(ALL, first.id, now=NOW)
    assert groups() == {frozenset({USER}), frozenset({between, "late"})}
    first = hand_over(ALL, f"user_id:{USER}", DAY, why="", now=NOW)
    take_back(ALL, given.id, now=NOW)
    assert groups() == {frozenset({USER, "late"}), frozenset({NEW_USER})}
    take_back(ALL, first.id, now=NOW)
    assert groups() == {frozenset({USER, "late"})}


def test_suppressing_the_value_stops_events_of_both(builder):
    builder.send(*phone_events())
    hand_over(ALL, f"phone:{PHONE}", DAY, why="", now=NOW)
    suppress("phone", PHONE, by=ALL, now=NOW)
    builder.send(event("identify", anonymous_id="old", minutes=BEFORE + 5, traits={"phone": PHONE}))
    builder.send(event("identify", anonymous_id="new", minutes=AFTER + 5, traits={"phone": PHONE}))
    assert groups() == {frozenset({"jane", PHONE}), frozenset({"bob", NEW})}


def test_blocking_the_value_blocks_it_for_both(builder):
    builder.send(*phone_events())
    hand_over(ALL, f"phone:{PHONE}", DAY, why="", now=NOW)
    Namespace.objects.filter(key="phone").update(blocked_values=[PHONE])
    builder.send(event("identify", anonymous_id="new", minutes=AFTER + 5, traits={"phone": PHONE}))
    assert frozenset({"new"}) in groups()


def test_what_makes_no_sense_is_refused(builder):
    builder.send(*phone_events(), event("group", user_id="jane", group_id="g"))
    with pytest.raises(UnknownLink):
        hand_over(ALL, "phone:+31687654321", DAY, why="", now=NOW)
    with pytest.raises(Undecidable):
        hand_over(ALL, Identifier.objects.get(value="g").pk, DAY, why="", now=NOW)
    with pytest.raises(Undecidable):
        hand_over(ALL, f"phone:{PHONE}", NOW.date() + timedelta(days=1), why="", now=NOW)
    hand_over(ALL, f"phone:{PHONE}", DAY, why="", now=NOW)
    with pytest.raises(AlreadyDecided):
        hand_over(ALL, f"phone:{PHONE}", DAY, why="", now=NOW)
    with pytest.raises(AccessDenied):
        hand_over(MARKETER, f"phone:{PHONE}", DAY, why="", now=NOW)
    some = Actor(ALL.kind, "some", MARKETER.operations | {Operation.IDENTITY_DECIDE}, MARKETER.categories)
    with pytest.raises(AccessDenied):
        hand_over(some, f"phone:{PHONE}", DAY + timedelta(days=1), why="", now=NOW)
    assert Handover.objects.count() == 1


def published(database: Database, topic: str) -> list[Record]:
    """What the log has of a topic."""
    view = LogView(database.conninfo)
    found = list(view.records(topic))
    view.close()
    return found
