"""How many partitions topics have, as whoever publishes to them knows it."""

from collections.abc import Mapping

import pytest

from streaming.contracts.log import LogUnavailable, UnknownTopic
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.memory.log import MemoryLog
from streaming.runtime.outbox import writing
from streaming.runtime.outbox.writing import Targets


class Away(MemoryLog):
    """Away when told so."""

    is_away = False
    asked = 0

    def topics(self) -> Mapping[str, int]:
        self.asked += 1
        if self.is_away:
            raise LogUnavailable("away")
        return super().topics()


@pytest.fixture
def log() -> Away:
    log = Away()
    log.create_topics([TopicSpec("known", 1)])
    return log


def test_the_log_is_asked_seldom(log: Away):
    targets = Targets(log)
    assert [targets.of(NewRecord("known", b"k", b"v")) for _ in range(3)] == [TopicPartition("known", 0)] * 3
    assert log.asked == 1
    with pytest.raises(UnknownTopic, match="no topic 'unknown'"):
        targets.partitions("unknown")


def test_while_the_log_is_away_what_was_known_holds(log: Away, monkeypatch: pytest.MonkeyPatch):
    targets = Targets(log)
    targets.partitions("known")
    monkeypatch.setattr(writing, "_MAX_AGE_SECONDS", -1.0)
    log.is_away = True
    assert targets.partitions("known") == 1
    with pytest.raises(LogUnavailable):
        targets.partitions("unknown")
    log.is_away = False
    log.create_topics([TopicSpec("unknown", 2)])
    assert targets.partitions("unknown") == 2


def test_while_the_log_is_away_nobody_waits_for_it_again_and_again(
    log: Away, monkeypatch: pytest.MonkeyPatch
):
    targets = Targets(log)
    targets.partitions("known")
    targets._asked_at = float("-inf")
    log.is_away, log.asked = True, 0
    for _ in range(3):
        targets.partitions("known")
    assert log.asked == 1
