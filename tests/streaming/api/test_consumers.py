"""GET /api/v1/consumers/."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.domain.flow.retirement import retire
from streaming.domain.flow.sampling import Sampler
from streaming.event_log import event_log
from streaming.registry import registered_consumers

LIST = "/api/v1/consumers/"
NOW = datetime(2026, 12, 24, tzinfo=UTC)
PLACE = TopicPartition("events.page", 0)


def listed(client, name="profiles"):
    return next(
        each for each in client.get(LIST, {"page_size": 500}).json()["results"] if each["name"] == name
    )


def test_a_consumer_tells_how_it_keeps_up_in_all_and_by_topic(api, fresh_database):
    log = event_log()
    log.create_topics([TopicSpec("events.page", 1, retention_seconds=86_400)])
    log.append([NewRecord(PLACE.topic, b"k", b"{}")] * 4)
    with fresh_database.connect() as connection:
        connection.execute(
            "INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)"
            " VALUES ('profiles', 'events.page', 0, 1, 'x', 0)"
        )
    Sampler().look(log, datetime.now(UTC) + timedelta(hours=1))
    Sampler().look(log, datetime.now(UTC) + timedelta(hours=2))
    found = listed(api)
    assert (found["state"], found["lag"], found["retired"]) == ("not_running", 3, False)
    assert (found["catches_up"], found["drain_seconds"]) == (False, None)
    (topic,) = [each for each in found["topics"] if each["name"] == PLACE.topic]
    assert (topic["lag"], topic["applied_per_second"]) == (3, 0.0)
    assert topic["seconds_to_loss"] == pytest.approx(86_400, abs=60)
    assert 0 <= topic["retention_used"] < 0.01
    retire("profiles", actor=None, by_name="test", now=NOW)
    assert listed(api)["retired"] is True


def test_consumers_come_by_name_in_pages(api):
    names, address = [], f"{LIST}?page_size=1"
    while address:
        page = api.get(address).json()
        names += [each["name"] for each in page["results"]]
        address = page["next"]
    assert names == sorted(registered_consumers())


@pytest.mark.parametrize("query", ["page_size=0", "state=x", "cursor=%00"])
def test_a_wrong_parameter_is_refused(query, api):
    assert api.get(f"{LIST}?{query}").status_code == 400


def test_it_takes_the_scope_of_the_pipeline(client_with, fresh_database):
    assert client_with("pipeline.view").get(LIST).status_code == 200
    assert client_with("people.view").get(LIST).status_code == 403
