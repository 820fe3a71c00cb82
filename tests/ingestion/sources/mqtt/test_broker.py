"""What people type, and what is said when it cannot be used."""

import pytest

from ingestion.sources.contract import DataType, SourceRefused
from ingestion.sources.mqtt.broker import broker_of, fields_text, wanted_of


@pytest.mark.parametrize(("topics", "why"), [
    ("", "Give 1 to 50 topics"), ("a/#/b", "# stands for all that follows"), ("a/b#", "# stands for all"),
    ("a/b+", "[+] stands for a whole level"), ("$share/g/a", "in its own field"), ("x\n" * 40 + "\n".join(map(str, range(60))), "Give 1 to 50"),
    ("a" * 70_000, "too long"),
])  # fmt: skip
def test_topics_that_cannot_be_listened_to(topics, why):
    with pytest.raises(SourceRefused, match=why):
        wanted_of({"topics": topics})


def test_topics_are_taken_one_a_line_and_shared_when_one_says_so():
    wanted = wanted_of({"topics": " s/+/r \n\n#\ns/+/r", "share": "g"})
    assert wanted.filters == ("s/+/r", "#")
    assert wanted.subscriptions == ["$share/g/s/+/r", "$share/g/#"]
    with pytest.raises(SourceRefused, match="no /"):
        wanted_of({"topics": "a", "share": "g/h"})


def test_fields_are_written_as_they_are_shown():
    fields = {"temperature": DataType.NUMBER, "a: b": DataType.TEXT}
    assert wanted_of({"topics": "a", "known_fields": fields_text(fields)}).fields == fields
    with pytest.raises(SourceRefused, match="temperature: number"):
        wanted_of({"topics": "a", "known_fields": "temperature"})


def test_where_a_broker_is():
    assert [broker_of({"tls": tls}).port for tls in ("on", "off")] == [8883, 1883]
    assert broker_of({"tls": "off"}).tls is None
    with pytest.raises(SourceRefused, match="up to 65535"):
        broker_of({"port": "70000"})
    with pytest.raises(SourceRefused, match="BEGIN CERTIFICATE"):
        broker_of({"ca": "no certificate"})


def test_each_stream_has_a_client_id_of_its_own_that_stays():
    broker = broker_of({"client_id": "shop", "tls": "off"})
    assert broker.client_of("a") == broker.client_of("a") != broker.client_of("b")
    assert broker.client_of("a").startswith("shop-")
