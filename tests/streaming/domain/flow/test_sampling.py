"""Looks at a real log: who is how far behind, and whom retention would overtake."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming.contracts.records import Cleanup, TopicPartition, TopicSpec
from streaming.domain.flow.outlook import NEVER
from streaming.domain.flow.pressure import pressure
from streaming.domain.flow.reading import ConsumerFlow, consumer_flows
from streaming.domain.flow.sampling import Sampler
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.waiting import eventually

EVERY = timedelta(seconds=3)


class Watch:
    """Looks at moments that the test chooses."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.now = datetime.now(UTC)
        self.sampler = Sampler(EVERY)

    def look(self, after: float = 0.0, **given) -> ConsumerFlow:
        self.now += timedelta(seconds=after)
        assert self.sampler.look(self.pipeline.log, self.now)
        return consumer_flows(self.now, **given)["counting"]


@pytest.fixture
def watch(pipeline: Pipeline) -> Watch:
    with pipeline.database.connect() as connection:
        connection.execute("UPDATE consumer_flow_turn SET taken_at = '-infinity'")
    return Watch(pipeline)


def read_to_the_end(pipeline: Pipeline) -> None:
    running = pipeline.start()
    ends = {place: bounds.end for place, bounds in pipeline.log.bounds(places()).items()}
    eventually(lambda: {place: pipeline.positions().get(place) for place in ends} == ends, "the end")
    running.stop()


def places() -> list[TopicPartition]:
    return [TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)]


def test_one_that_never_ran_has_a_lag_and_holds_nobody_back(watch: Watch, pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"] * 10)
    flow = watch.look(2 * 86_400)
    assert flow.topics[TOPIC].lag == 10
    assert flow.topics[TOPIC].lag_seconds == pytest.approx(2 * 86_400, abs=60)
    assert flow.total.loss_seconds == NEVER
    assert pressure().used == 0


def test_one_that_stands_has_a_lag_rates_and_a_time_to_loss(watch: Watch, pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"] * 10)
    read_to_the_end(pipeline)
    assert watch.look().total.lag == 0
    pipeline.append(["b"] * 50)
    flow = watch.look(10)
    assert flow.topics[TOPIC].lag == 50
    assert flow.topics[TOPIC].arriving == pytest.approx(5.0)
    assert flow.topics[TOPIC].applied == 0
    assert flow.topics[TOPIC].drain_seconds == NEVER
    day = watch.look(86_400, standing=["counting"])
    assert day.topics[TOPIC].loss_seconds == pytest.approx(6 * 86_400, abs=60)
    assert day.topics[TOPIC].used == pytest.approx(1 / 7, abs=0.01)
    felt = pressure()
    assert (felt.consumer, felt.topic) == ("counting", TOPIC)
    assert felt.used == pytest.approx(1 / 7, abs=0.01)
    read_to_the_end(pipeline)
    assert watch.look(10).total.loss_seconds == NEVER
    assert pressure().used == 0


def test_the_age_of_an_old_backlog_is_read_from_the_log(watch: Watch, pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["a"])
    read_to_the_end_of_one(pipeline)
    pipeline.append(["b"] * 3)
    first = watch.look(3600)  # nothing is known of before
    assert first.partitions[TopicPartition(TOPIC, 0)].lag_seconds == pytest.approx(3600, abs=60)


def read_to_the_end_of_one(pipeline: Pipeline) -> None:
    running = pipeline.start()
    eventually(lambda: pipeline.positions().get(TopicPartition(TOPIC, 0)) == 1, "the end")
    running.stop()


def test_retention_by_size_is_measured_in_the_records_that_are_there(watch: Watch, pipeline: Pipeline):
    pipeline.log.create_topics([TopicSpec(TOPIC, 1, retention_seconds=None, retention_bytes=100_000)])
    pipeline.append(["a"])
    read_to_the_end_of_one(pipeline)
    watch.look()
    pipeline.append(["x" * 999] * 50)
    flow = Watch(pipeline).look(60)
    assert flow.topics[TOPIC].used == pytest.approx(0.5, abs=0.05)
    assert flow.topics[TOPIC].loss_seconds < NEVER


def test_compaction_takes_nothing_that_anybody_misses(watch: Watch, pipeline: Pipeline):
    pipeline.log.create_topics([TopicSpec(TOPIC, 1, retention_seconds=60, cleanup=Cleanup.COMPACT)])
    pipeline.append(["a"])
    read_to_the_end_of_one(pipeline)
    pipeline.append(["b"])
    flow = watch.look(3600)
    assert (flow.topics[TOPIC].lag, flow.topics[TOPIC].loss_seconds) == (1, NEVER)


def test_one_process_looks_in_each_span_and_what_is_gone_is_forgotten(watch: Watch, pipeline: Pipeline):
    pipeline.topic()
    assert watch.look().topics.keys() >= {TOPIC}
    assert not Sampler(EVERY).look(pipeline.log, watch.now + EVERY / 2)
    pipeline.log.delete_topic(TOPIC)
    assert TOPIC not in watch.look(4).topics


def test_a_consumer_that_is_no_longer_registered_does_not_count(
    watch: Watch, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    pipeline.topic()
    pipeline.append(["a"] * 10)
    read_to_the_end(pipeline)
    pipeline.append(["b"])
    watch.look(86_400)
    assert pressure().consumer == "counting"
    monkeypatch.setattr("streaming.registry._consumers", {})
    assert pressure().consumer == ""
