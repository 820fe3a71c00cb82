"""What a broker sends, and sends again: with a real mosquitto that is killed, loses its memory, and takes no more."""

import json

import pytest
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingestion.sources.contract import SourceUnavailable
from ingestion.sources.mqtt.messages import MAX_PAYLOAD
from tests.ingestion.sources.mqtt.conftest import listening, settings_of
from tests.ingestion.sources.mqtt.devices import LONG_S
from tests.mosquitto import Mosquitto

VERSIONS = ["5", "3.1.1"]


def readings(topic: str, first: int, last: int) -> list[tuple[str, str]]:
    return [(f"{topic}/d1", json.dumps({"n": number})) for number in range(first, last + 1)]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_not_acknowledged_comes_again_as_the_same(broker, version):
    name = f"again-{version}"
    settings = settings_of(broker, name, version=version)
    with listening(settings) as first:
        first.next()
        first.next()
        broker.publish(readings(name, 1, 6))
        first.come(6)
        begun = {**first.state, "number": 0, "taken": []}
        after = first.state
    broker.publish(readings(name, 7, 8))  # while nobody listens
    with listening(settings, begun) as second:
        second.come(8)
    assert second.values("n") == list(range(1, 9))
    assert second.identities[:6] == first.identities
    with listening(settings, after) as third:
        third.acknowledged(2)
    assert third.values("n") == [7, 8], "what was committed is known"
    assert third.identities == second.identities[6:]
    with listening(settings, third.state) as last:
        broker.publish(readings(name, 9, 9))
        last.come(1)
    assert last.values("n") == [9], "what was acknowledged is forgotten"


def test_more_than_a_broker_may_have_in_flight(broker):
    settings = settings_of(broker, "many")
    with listening(settings) as first:
        first.next()
        first.next()
        broker.publish(readings("many", 1, 1000))
        first.acknowledged(1000)
    assert first.values("n") == list(range(1, 1001))
    assert len(set(first.identities)) == 1000


def test_a_broker_sends_no_more_than_it_may_until_it_hears_of_them(broker):
    settings = settings_of(broker, "window")
    with listening(settings) as first:
        first.next()
        first.next()
        broker.publish(readings("window", 1, 600))
        first.come(256)
        for _ in range(5):
            first.next()
        assert len(first.rows) == 256


@pytest.mark.parametrize("version", VERSIONS)
def test_retained_messages_are_taken_once_or_left_out(broker, version):
    name = f"kept-{version}"
    broker.publish(readings(name, 5, 5), retain=True)
    settings = settings_of(broker, name, version=version)
    with listening(settings) as first:
        first.acknowledged(1)
        broker.publish(readings(name, 6, 6), retain=True)
        first.acknowledged(2)
    assert first.values("retained") == [True, False]
    with listening({**settings, "client_id": f"{name}-2", "topics": f"{name}/#"}) as anew:
        anew.come(1)
    assert anew.values("n") == [6]
    with listening({**settings, "client_id": f"{name}-3", "retained": "skip"}) as without:
        without.next()
        without.next()
        broker.publish(readings(name, 7, 7))
        without.come(1)
    assert without.values("n") == [7]


def test_other_topics_are_listened_to_when_somebody_says_so(broker):
    settings = settings_of(broker, "one", topics="one/a/#")
    with listening(settings) as first:
        first.next()
        first.next()
    with listening({**settings, "topics": "one/b/#"}, first.state) as second:
        second.next()
        broker.publish([*readings("one/a", 1, 1), *readings("one/b", 2, 2)])
        second.come(1)
        assert second.values("n") == [2]


def test_what_is_known_of_a_message_comes_with_it(broker):
    with listening(settings_of(broker, "known", share="group")) as found:
        found.next()
        found.next()
        client = broker.publisher(MQTTProtocolVersion.MQTTv5)
        properties = Properties(PacketTypes.PUBLISH)
        properties.ContentType, properties.UserProperty = "application/json", ("unit", "C")
        client.publish("known/d1/t", b'{"n": 1}', qos=2, properties=properties).wait_for_publish(LONG_S)
        client.publish("known/d1/t", b'{"n": 2}', qos=0).wait_for_publish(LONG_S)
        found.come(2)
        client.disconnect()
        client.loop_stop()
    assert found.values("n") == [1, 2]
    assert found.rows[0].values["content_type"] == "application/json"
    assert found.rows[0].values["user_properties"] == {"unit": "C"}
    assert found.rows[0].values["levels"] == ["known", "d1", "t"]
    assert [identity.split("|")[0] for identity in found.identities] == ["1", "once"]


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_that_are_far_too_large(broker, version):
    name = f"large-{version}"
    with listening(settings_of(broker, name, version=version)) as found:
        found.next()
        found.next()
        broker.publish([
            (f"{name}/d", b"x" * (MAX_PAYLOAD + 1)), (f"{name}/d", b"x" * 10_000_000), *readings(name, 1, 1),
        ])  # fmt: skip
        found.come(2 if version == "5" else 3)
    assert found.values("n") == [1]
    told = [
        f"the message has {size:,} bytes; at most {MAX_PAYLOAD:,} are taken"
        for size in (MAX_PAYLOAD + 1, 10_000_000)
    ]
    assert found.refused == told[: 1 if version == "5" else 2], (
        "MQTT 5 lets one say what is not to come at all"
    )


def test_another_client_of_the_same_id(broker):
    settings = settings_of(broker, "twins")
    with listening(settings) as first:
        first.next()
        first.next()
        with listening(settings, first.state) as second:
            second.next()
            with pytest.raises(
                SourceUnavailable, match=r"another client has the same client id|Another client has connected"
            ):
                first.come(1)
            broker.publish(readings("twins", 1, 1))
            assert second.come(1)


def test_a_broker_that_is_restarted_and_one_that_forgot(tmp_path):
    broker = Mosquitto(tmp_path).start()
    settings = settings_of(broker, "shop")
    with listening(settings) as first:
        first.next()
        first.next()
        broker.publish(readings("shop", 1, 3))
        first.come(3)
        broker.stop()
        with pytest.raises(SourceUnavailable, match=r"broke off|being shut down"):
            first.come(9)
    with (
        pytest.raises(SourceUnavailable, match="Nothing answers at this host and port"),
        listening(settings) as away,
    ):
        away.next()
    broker.start()
    broker.publish(readings("shop", 4, 4))
    with listening(settings, {**first.state, "number": 0, "taken": []}) as second:
        second.come(4)
    assert second.values("n") == [1, 2, 3, 4], "mosquitto kept them over the restart"
    assert second.identities[:3] == first.identities
    assert second.notes == []
    broker.kill()
    broker.forget()
    broker.start()
    with listening(settings, second.state) as third:
        third.next()
        third.next()
        broker.publish(readings("shop", 1, 1))
        third.come(1)
    assert "messages of the time before may be missing" in third.notes[0]
    assert third.identities[0] not in second.identities
    assert third.identities[0].startswith("2|4|")
    broker.kill()
