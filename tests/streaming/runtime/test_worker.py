"""A worker on its own: effects, positions, publishing, later topics, the graceful end."""

from collections.abc import Mapping

import pytest

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import TopicPartition
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import OUTPUT, Counting
from tests.waiting import eventually


def test_every_record_has_its_effect_once_and_is_published_once(pipeline: Pipeline):
    pipeline.topic()
    values = [str(number) for number in range(300)]
    pipeline.append(values)
    running = pipeline.start()
    pipeline.wait_for_effects(values)
    running.stop()
    assert running.error is None
    assert pipeline.published(OUTPUT) == sorted(values)
    bounds = pipeline.log.bounds([TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)])
    positions = pipeline.positions()
    assert {place: positions[place] for place in bounds} == {place: at.end for place, at in bounds.items()}


def test_the_next_worker_goes_on_where_the_first_ended(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a", "b"])
    pipeline.start()
    pipeline.wait_for_effects(["a", "b"])
    pipeline.close()
    pipeline.append(["c", "d"])
    pipeline.start()
    pipeline.wait_for_effects(["a", "b", "c", "d"])


def test_a_topic_that_appears_later_is_read_from_its_start(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    pipeline.start()
    pipeline.wait_for_effects(["a"])
    pipeline.topic("numbers.later")
    pipeline.topic("letters")
    pipeline.append(["b"], "numbers.later")
    pipeline.append(["not read"], "letters")
    pipeline.wait_for_effects(["a", "b"])


def test_partitions_that_are_added_are_read(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.start()
    (spec,) = pipeline.log.describe([TOPIC]).values()
    pipeline.log.alter(type(spec)(spec.name, 4, spec.retention_seconds))
    pipeline.append(["d"], partition=3)
    pipeline.wait_for_effects(["d"])


def test_a_stopped_worker_leaves_nothing_behind(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    running = pipeline.start()
    pipeline.wait_for_effects(["a"])
    running.stop()
    assert pipeline.rows("SELECT count(*) FROM consumer_worker") == [(0,)]
    assert pipeline.rows("SELECT count(*) FROM consumer_lease WHERE worker IS NOT NULL") == [(0,)]


def test_a_deleted_topic_does_not_stop_the_others(pipeline: Pipeline):
    pipeline.topic()
    pipeline.topic("numbers.gone")
    pipeline.append(["a"])
    running = pipeline.start()
    pipeline.wait_for_effects(["a"])
    pipeline.log.delete_topic("numbers.gone")
    pipeline.append(["b"])
    pipeline.wait_for_effects(["a", "b"])
    eventually(lambda: pipeline.log.check() is None, "the log")
    pipeline.append(["c"])
    pipeline.wait_for_effects(["a", "b", "c"])
    assert running.error is None


def test_a_log_that_is_away_costs_the_keeper_no_session(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    """Without one it would seem dead to others, who would take what it holds."""
    pipeline.topic()
    pipeline.append(["a"])
    pipeline.start()
    pipeline.wait_for_effects(["a"])
    session = "SELECT keeper_pid, keeper_start FROM consumer_worker"
    before, asked = pipeline.rows(session), []

    def topics() -> Mapping[str, int]:
        asked.append(True)
        raise LogUnavailable("away")

    monkeypatch.setattr(pipeline.log, "topics", topics)
    eventually(lambda: len(asked) >= 4, "questions in vain")
    assert pipeline.rows(session) == before


def test_a_batch_closes_when_it_is_full(pipeline: Pipeline):
    sizes: list[int] = []

    class Measuring(Counting):
        max_records = 7

        def prepare(self, records):
            sizes.append(len(records))
            return super().prepare(records)

    pipeline.topic()
    values = [str(number) for number in range(100)]
    pipeline.append(values)
    pipeline.start(Measuring())
    pipeline.wait_for_effects(values)
    assert max(sizes) == 7
