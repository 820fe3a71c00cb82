"""After a lossy failover the combined records are published anew, above all that readers hold of lost changes."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from profiles.consumers.behaviour import BehaviourConsumer
from profiles.consumers.social import SocialConsumer
from profiles.domain import rebuilding
from profiles.domain.rebuilding import republish_accounts, republish_behaviour, republish_visits
from streaming.contracts.combined import (
    BEHAVIOUR_TOPIC,
    SESSIONS_TOPIC,
    SOCIAL_TOPIC,
    CombinedRecord,
    decode_combined,
    is_newer,
)
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.domain.incarnation import raise_incarnation
from streaming.event_log import close_event_log, event_log
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import START
from tests.profiles.consumers.driving import as_record, run, true_now
from tests.profiles.sessions.driver import Pipeline, page, seen

TOPICS = (SESSIONS_TOPIC, SOCIAL_TOPIC, BEHAVIOUR_TOPIC)
STEPS = {
    SESSIONS_TOPIC: republish_visits, SOCIAL_TOPIC: republish_accounts, BEHAVIOUR_TOPIC: republish_behaviour,
}  # fmt: skip
Held = dict[str, CombinedRecord]


class Site:
    """What consumers stored, what readers of each topic hold of it, and what the log has been given since."""

    def __init__(self, database: Any) -> None:
        self.database, self.view = database, LogView(database.conninfo)
        pipeline = Pipeline(database)
        records = pipeline.build(*(each for who in range(3) for each in _day_of(f"visitor {who}")))
        pipeline.combiner.send(records)
        pipeline.combiner.close(START.replace(hour=13))
        read = [as_record(each) for each in records]
        connection = pipeline.builder.connection
        self.held: dict[str, Held] = {
            SESSIONS_TOPIC: {each["id"]: each for each in pipeline.combiner.published},
            SOCIAL_TOPIC: true_now(run(SocialConsumer(), connection, read).published),
            BEHAVIOUR_TOPIC: true_now(run(BehaviourConsumer(), connection, read).published),
        }
        pipeline.stop()

    def published(self, topic: str) -> list[CombinedRecord]:
        return [decode_combined(record.value) for record in self.view.records(topic)]


def _day_of(who: str) -> list[Any]:
    """A visit that has ended and one that goes on, with what behaviour and social networks are about."""
    mine = {"anonymous_id": who}
    liked = {"network": "mastodon", "handle": who, "post_id": 7, "sentiment": 0.5}
    return [
        {**page(0, "/shoes"), **mine},
        seen(1, name="Element Clicked", properties={"text": "Pay"}, **mine),
        seen(2, name="Post Liked", properties=liked, **mine),
        {**page(50, "/cart"), **mine},
    ]


@pytest.fixture
def site(fresh_database) -> Iterator[Site]:
    event_log().create_topics([TopicSpec(topic, 1) for topic in (CHANGES_TOPIC, *TOPICS)])
    made = Site(fresh_database)
    yield made
    made.view.close()
    close_event_log()


def values(records: list[CombinedRecord]) -> dict[str, Any]:
    return {each["id"]: each["value"] for each in records}


def test_all_records_are_published_as_they_were_above_every_version_that_readers_hold(
    site, monkeypatch, capsys
):
    monkeypatch.setattr(rebuilding, "STEP", 2)
    with site.database.connect() as connection:  # the restore took the numbers back, too
        connection.execute("SELECT setval('profiles_combined_version', 1)")
    call_command("raise_incarnation")
    said = capsys.readouterr().out
    for topic, records in ((SESSIONS_TOPIC, 6), (SOCIAL_TOPIC, 3), (BEHAVIOUR_TOPIC, 3)):
        published, held = site.published(topic), site.held[topic]
        assert len(published) == len(held) == records
        assert values(published) == values(list(held.values()))
        assert all(is_newer(each, held[each["id"]]["version"]) for each in published)
        assert {each["version"][0] for each in published} == {2}
        assert f"{topic}: {records} records published anew" in said
    states = sorted(each["value"]["state"] for each in site.published(SESSIONS_TOPIC))
    assert states == ["ended"] * 3 + ["open"] * 3


def test_nothing_is_published_anew_while_nothing_was_lost(site):
    call_command("raise_incarnation", "--rebuild-only")
    assert [site.published(topic) for topic in TOPICS] == [[], [], []]


@pytest.mark.parametrize("topic", TOPICS)
def test_interrupted_it_goes_on_and_what_is_done_is_not_repeated(topic, site, monkeypatch):
    raise_incarnation(actor=None, now=START)
    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "STEP", 2)
        assert STEPS[topic](START) == 2
    call_command("raise_incarnation", "--rebuild-only")
    call_command("raise_incarnation", "--rebuild-only")
    published = site.published(topic)
    assert len(published) == len(site.held[topic])
    assert values(published).keys() == site.held[topic].keys()


@pytest.mark.parametrize("topic", TOPICS)
def test_raised_again_meanwhile_it_begins_again(topic, site, monkeypatch):
    monkeypatch.setattr(rebuilding, "STEP", 2)
    raise_incarnation(actor=None, now=START)
    STEPS[topic](START)
    raise_incarnation(actor=None, now=START)
    while STEPS[topic](START):
        pass
    newest = [each for each in site.published(topic) if each["version"][0] == 3]
    assert values(newest) == values(list(site.held[topic].values()))


@pytest.mark.parametrize("topic", TOPICS)
def test_what_cannot_be_published_is_not_taken_for_done(topic, site, monkeypatch):
    raise_incarnation(actor=None, now=START)

    def fail(*_args: Any, **_given: Any) -> None:
        raise ConnectionError("the log is away")

    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "publish", fail)
        with pytest.raises(ConnectionError):
            STEPS[topic](START)
    assert STEPS[topic](START) == len(site.held[topic])
