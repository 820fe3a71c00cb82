"""Suppressed identifiers: what is stopped, and what is stored without them."""

from datetime import timedelta
from typing import Any

from compliance.access import Actor
from compliance.suppression import suppress
from profiles.domain.suppressed_messages import forget_suppressed_messages
from profiles.models import BuilderMinute, Identifier, SuppressedMessage, TimelineEvent
from streaming.contracts.profiles import EVENTS_TOPIC, decode_profile_event
from tests.profiles.builder.driver import START, event
from tests.profiles.builder.picture import TABLES


def suppressed(namespace: str, value: str) -> None:
    suppress(namespace, value, by=Actor.system("test"), now=START)


def values() -> set[str]:
    return set(Identifier.objects.values_list("value", flat=True))


def test_events_of_a_suppressed_person_are_not_stored(builder):
    suppressed("email", "jane@x.org")
    builder.send(
        event("identify", anonymous_id="a", traits={"email": " Jane@X.org"}), event(anonymous_id="b")
    )
    assert values() == {"b"}
    assert TimelineEvent.objects.count() == 1
    minute = BuilderMinute.objects.get()
    assert (minute.applied, minute.suppressed) == (1, 1)


def test_a_suppressed_device_stops_events_without_a_user(builder):
    suppressed("anonymous_id", "tablet")
    builder.send(event(anonymous_id="tablet"), event(anonymous_id="tablet", user_id="null"))
    assert not TimelineEvent.objects.exists()


def test_other_users_of_a_suppressed_device_stay_without_it(builder):
    suppressed("anonymous_id", "tablet")
    builder.send(event(anonymous_id="tablet", user_id="bob"))
    assert values() == {"bob"}
    (record,) = [record for record in builder.published if record.topic == EVENTS_TOPIC]
    assert decode_profile_event(record.value)["event"]["anonymous_id"] is None


def test_an_alias_does_not_bring_back_whom_it_names(builder):
    suppressed("user_id", "old")
    suppressed("anonymous_id", "tablet")
    builder.send(event("alias", user_id="new", previous_id="old"))
    builder.send(event("alias", user_id="bob", previous_id="tablet"))
    assert values() == {"bob"}


def test_what_was_stopped_is_noted_once_and_forgotten_with_the_log(builder):
    suppressed("user_id", "gone")
    suppressed("anonymous_id", "tablet")
    stopped = event(user_id="gone", message_id="gone-1")
    builder.send(stopped, event(anonymous_id="tablet", user_id="bob"), event(user_id="here"))
    builder.send(stopped)
    assert SuppressedMessage.objects.get().source_id == 1
    assert forget_suppressed_messages(now=builder.now + timedelta(days=20)) == 0
    assert forget_suppressed_messages(now=builder.now + timedelta(days=4000)) == 1


def test_nothing_of_who_is_suppressed_is_in_any_table_or_record(builder):
    hidden = {
        "user_id": "jane-id",
        "email": "jane@x.org",
        "anonymous_id": "tablet-7",
        "phone": "+31612345678",
    }
    for namespace, value in hidden.items():
        suppressed(namespace, value)
    bob: dict[str, Any] = {"user_id": "bob", "anonymous_id": "b1"}
    events = [
        event("identify", anonymous_id="a", traits={"email": "Jane@X.org"}),
        event(anonymous_id="a", context={"traits": {"phone": "+31 6 1234 5678"}}, import_id=3),
        event("alias", user_id="bob", previous_id="jane-id"),
        event("alias", user_id="bob", previous_id="tablet-7"),
        event(user_id="bob", anonymous_id="tablet-7", minutes=-60),
        event(**bob, name="Call Ended", properties={"notes": "jane@x.org, +31 6 1234-5678 (JANE@x.org)"}),
        event(**bob, name="Contact form sent", properties={"Who": "Mr jane@x.org", "phone": "+31612345678"}),
    ]
    builder.send_each([*events, *events])
    with builder.connection.transaction():
        rows = [
            str(row)
            for table in TABLES
            for row in builder.connection.execute(f"SELECT t::text FROM {table} t")
        ]
    assert TimelineEvent.objects.count() == 4
    told = "\n".join([*rows, *(str(record.value) for record in builder.published)]).lower()
    assert "bob" in told
    assert not [value for value in hidden.values() if value in told]
    assert "1234-5678" not in told
