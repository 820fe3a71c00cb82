"""The numbers of messages: the same when one comes again, another for each that is another, whatever a broker forgot."""

import random

from hypothesis import given
from hypothesis import strategies as st

from ingestion.sources.mqtt.messages import Message
from ingestion.sources.mqtt.place import IN_FLIGHT, Place


def message(packet: int, payload: str = "21", **changes) -> Message:
    plain = Message(
        topic="s/1", payload=payload.encode(), size=len(payload), qos=1, packet=packet, is_again=False, is_retained=False,
        content_type=None, user_properties={},
    )  # fmt: skip
    return plain._replace(**changes)


def again(packet: int, payload: str = "21") -> Message:
    return message(packet, payload, is_again=True)


def begun() -> Place:
    place = Place()
    place.begin_session()
    return place


def test_two_equal_readings_are_two_messages():
    place = begun()
    assert place.identity(message(1)) != place.identity(message(2))
    assert place.identity(message(1)) is not None, "a packet id that is used again"


def test_what_was_not_committed_gets_its_number_again():
    place = begun()
    before = place.state()
    first = [place.identity(message(packet)) for packet in (1, 2, 3)]
    assert [Place.of(before).identity(again(1)), *first[1:]] == first
    resumed = Place.of(before)
    assert [resumed.identity(again(packet)) for packet in (1, 2, 3)] == first


def test_what_was_committed_is_known():
    place = begun()
    for packet in (1, 2):
        place.identity(message(packet))
    resumed = Place.of(place.state())
    assert [resumed.identity(again(packet)) for packet in (1, 2)] == [None, None]
    assert resumed.identity(again(3)) is not None
    assert resumed.identity(again(2, "22")) is not None, "the packet id of another message"
    assert resumed.identity(message(1)) is not None, "not sent again: an equal message"


def test_a_session_that_the_broker_lost_begins_anew_and_makes_no_message_vanish():
    place = begun()
    former = place.identity(message(1))
    before = place.state()
    lost = Place.of({**before, "number": 0})
    lost.begin_session()
    assert lost.identity(again(1)) not in (None, former)
    assert lost.state()["session"] == 2


def test_messages_that_never_come_again_shift_no_number():
    place = begun()
    before = place.state()
    place.identity(message(0, qos=0))
    numbered = place.identity(message(1))
    assert Place.of(before).identity(again(1)) == numbered
    assert place.identity(message(0, qos=0)) != place.identity(message(0, qos=0))


def test_a_retained_message_is_the_same_each_time_it_is_asked_for():
    first, second = begun(), Place(session=7, number=99)
    kept = message(5, is_retained=True)
    assert first.identity(kept) == second.identity(kept)
    assert first.number == 0


def test_no_more_is_remembered_than_can_come_again():
    place = begun()
    for number in range(IN_FLIGHT * 3):
        place.identity(message(number % 60_000 + 1))
    assert len(place.taken) == IN_FLIGHT


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_killed_anywhere_any_number_of_times_each_message_has_one_identity_that_is_in(seed, count):
    """A broker with a window, and a reader that is killed before or after each of its steps."""
    chance = random.Random(seed)
    waiting = [(packet, str(chance.randrange(2))) for packet in range(1, count + 1)]
    committed = begun().state()
    in_log: dict[str, set[int]] = {}
    sent: set[int] = set()
    for _ in range(1000):
        if not waiting:
            break
        place = Place.of(committed)
        window = waiting[: chance.randrange(1, 9)]
        for packet, payload in window:
            identity = place.identity(message(packet, payload, is_again=packet in sent))
            sent.add(packet)
            if identity is not None:
                in_log.setdefault(identity, set()).add(packet)
        if chance.random() < 0.5:
            continue  # killed with all in the log and nothing committed
        committed = place.state()
        heard = chance.randrange(len(window) + 1)  # acknowledgements arrive in order, perhaps not all of them
        waiting = waiting[heard:]
    assert sorted(packet for packets in in_log.values() for packet in packets) == list(range(1, count + 1))
    assert all(len(packets) == 1 for packets in in_log.values())
