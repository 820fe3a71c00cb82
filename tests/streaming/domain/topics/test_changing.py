"""Declaring topics and applying it, on the embedded log; what would break a promise is refused with its reason."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.models import AuditEntry
from streaming.contracts.log import UnknownTopic
from streaming.contracts.records import Cleanup, NewRecord, TopicPartition, TopicSpec
from streaming.domain.topics.changing import apply, declare, return_to_default
from streaming.domain.topics.declaration import Wish
from streaming.domain.topics.rules import TopicRefused
from streaming.domain.topics.states import topic_settings
from streaming.event_log import close_event_log, event_log
from streaming.models import TopicSetting

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = 86_400


@pytest.fixture
def log(clean_database):
    del clean_database
    log = event_log()
    log.create_topics(
        [
            TopicSpec("events.page", 2),
            TopicSpec("retry.profiles", 1, 30 * DAY),
            TopicSpec("orders", 1, retention_seconds=None, cleanup=Cleanup.COMPACT),
        ]
    )
    yield log
    close_event_log()


def declared(log, name="events.page", **wish):
    return declare(log, name, Wish(**wish), actor=None, now=NOW)


def test_the_default_of_its_kind_holds_until_somebody_declares_otherwise(log):
    (found,) = topic_settings(log, ["events.page"])
    assert found.drifts == []
    assert not found.declared.is_own
    log.alter(TopicSpec("events.page", 2, retention_seconds=DAY))  # behind our back
    (found,) = topic_settings(log, ["events.page"])
    assert [str(each) for each in found.drifts] == ["retention 1d, declared 7d"]
    apply(log, "events.page", actor=None)
    assert log.describe(["events.page"])["events.page"] == TopicSpec("events.page", 2)


def test_what_is_declared_changes_nothing_before_it_is_applied(log):
    done = declared(log, partitions=4, retention_seconds=14 * DAY, retention_bytes=10 * 1024**3)
    assert log.topics()["events.page"] == 2
    assert {each.setting for each in done.settings.drifts} == {"partitions", "retention", "retention-bytes"}
    assert any("another partition" in each for each in done.consequences)
    applied = apply(log, "events.page", actor=None)
    assert {each.setting for each in applied.applied} == {"partitions", "retention", "retention-bytes"}
    assert applied.left == []
    assert log.describe(["events.page"])["events.page"] == TopicSpec("events.page", 4, 14 * DAY, 10 * 1024**3)
    assert apply(log, "events.page", actor=None).applied == []


def test_both_are_in_the_audit_trail(log):
    declared(log, retention_seconds=3 * DAY)
    apply(log, "events.page", actor=None)
    entries = sorted(
        AuditEntry.objects.filter(action__startswith="topic.").order_by("-id")[:2], key=lambda each: each.id
    )
    assert [(each.action, each.target) for each in entries] == [
        ("topic.declare", "topic:events.page"),
        ("topic.apply", "topic:events.page"),
    ]
    assert entries[0].detail["former"]["retention_seconds"] == 7 * DAY
    assert entries[0].detail["declared"]["retention_seconds"] == 3 * DAY
    assert entries[1].detail["changes"] == ["retention 7d, declared 3d"]


def test_the_default_can_be_returned_to(log):
    declared(log, retention_seconds=3 * DAY)
    apply(log, "events.page", actor=None)
    found = return_to_default(log, "events.page", actor=None)
    assert [str(each) for each in found.drifts] == ["retention 3d, declared 7d"]
    assert not TopicSetting.objects.exists()


def test_a_limit_by_size_can_be_taken_away_again(log):
    declared(log, retention_bytes=10 * 1024**2)
    assert declared(log, retention_bytes=0).settings.declared.spec.retention_bytes is None


@pytest.mark.parametrize(
    ("name", "wish", "why"),
    [
        ("events.page", {}, "say what to set"),
        ("events.page", {"partitions": 1}, "can only grow, because records do not move"),
        ("events.page", {"partitions": 1001}, "up to 1000"),
        ("retry.profiles", {"partitions": 2}, "so that they keep their order"),
        ("events.page", {"cleanup": Cleanup.COMPACT}, "need every record"),
        ("events.page", {"retention_seconds": 31 * DAY}, "kept for 1m to 30d"),
        ("events.page", {"retention_seconds": 0}, "kept for 1m to 30d"),
        ("events.page", {"retention_bytes": 1000}, "at least 1MB"),
        ("events.page", {"replication": 3}, "the embedded log has no copies of its own"),
        ("events.page", {"min_insync": 2}, "the embedded log has no copies of its own"),
    ],
)
def test_what_breaks_a_promise_is_refused(log, name, wish, why):
    with pytest.raises(TopicRefused, match=why):
        declared(log, name, **wish)
    assert not TopicSetting.objects.exists()


def test_a_compacted_topic_grows_only_while_it_is_empty(log):
    assert declared(log, "orders", partitions=2).settings.can_apply
    log.append([NewRecord("orders", b"k", b"v")])
    with pytest.raises(TopicRefused, match="never be superseded"):
        declared(log, "orders", partitions=3)


def test_an_unknown_topic_is_named(log):
    with pytest.raises(UnknownTopic, match=r"there is no topic 'none'; .*topics list"):
        declared(log, "none", retention_seconds=DAY)


def test_records_keep_their_places_when_partitions_are_added(log):
    log.append([NewRecord("events.page", b"%d" % number, b"v") for number in range(20)])
    before = log.bounds([*_places(log)])
    declared(log, partitions=3)
    apply(log, "events.page", actor=None)
    after = log.bounds([*_places(log)])
    assert {place: after[place] for place in before} == before


def test_less_retention_says_that_records_go(log):
    assert any(
        "Records beyond the new limit go" in each
        for each in declared(log, retention_seconds=DAY).consequences
    )


def test_less_retention_is_really_applied(log):
    log.append([NewRecord("events.page", b"k", b"v", partition=0)])
    declared(log, retention_seconds=3600)
    apply(log, "events.page", actor=None)
    log.apply_retention(datetime.now(UTC) + timedelta(hours=2))
    assert log.bounds([next(_places(log))]).popitem()[1] == (1, 1)


def _places(log):
    return (TopicPartition("events.page", number) for number in range(log.topics()["events.page"]))
