"""What the pipeline's screens ask."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming.contracts.records import TopicSpec
from streaming.domain.flow.reading import consumer_flows
from streaming.domain.flow.sampling import Sampler
from streaming.domain.metrics import consumer_metrics
from streaming.domain.queries.consumers import consumers
from streaming.domain.queries.topics import TopicState, topics
from streaming.enums import ConsumerCondition
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import Counting, misbehave
from tests.waiting import eventually


def now() -> datetime:
    return datetime.now(UTC)


def test_a_consumer_that_nobody_runs_says_so_and_how_much_waits(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append([str(number) for number in range(10)])
    (state,) = consumers(now())
    assert (state.name, state.state, state.lag) == ("counting", ConsumerCondition.NOT_RUNNING, 10)
    assert "run_consumers" in state.detail
    assert state.oldest_unread_age is not None
    assert timedelta() < state.oldest_unread_age < timedelta(minutes=1)
    assert [(each.topic, each.partition, each.offset) for each in state.partitions] == [
        (TOPIC, 0, None),
        (TOPIC, 1, None),
    ]


def test_a_running_consumer_shows_its_worker_its_rate_and_no_lag(pipeline: Pipeline):
    pipeline.topic()
    values = [str(number) for number in range(300)]
    pipeline.append(values)
    pipeline.start()
    pipeline.wait_for_effects(values)
    eventually(lambda: consumers(now())[0].totals.records == 300, "the report")
    (state,) = consumers(now())
    assert (state.state, state.lag, state.dead_letters) == (ConsumerCondition.RUNNING, 0, 0)
    assert state.oldest_unread_age is None
    assert state.records_per_second > 0
    assert state.batch_seconds > 0
    (worker,) = state.workers
    assert {each.worker for each in state.partitions} == {worker.id}


def test_a_worker_that_is_silent_is_not_running(pipeline: Pipeline):
    pipeline.topic()
    pipeline.start()
    eventually(lambda: consumers(now())[0].state == ConsumerCondition.RUNNING, "the worker")
    assert consumers(now() + timedelta(minutes=1))[0].state == ConsumerCondition.NOT_RUNNING


def test_a_waiting_consumer_says_why(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["later"])
    pipeline.start(Counting(fail=misbehave))
    eventually(lambda: consumers(now())[0].state == ConsumerCondition.WAITING, "the wait")
    assert "MessageRejected: not now" in consumers(now())[0].detail


def look(pipeline: Pipeline, at: datetime) -> None:
    """Look how consumers keep up, whoever did so at whatever time before."""
    with pipeline.database.connect() as connection:
        connection.execute("UPDATE consumer_flow_turn SET taken_at = '-infinity'")
    assert Sampler().look(pipeline.log, at)


def topic_at(at: datetime) -> TopicState:
    return {state.name: state for state in topics(at)}[TOPIC]


def test_topics_show_what_they_hold_and_who_reads_them(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"] * 7)
    look(pipeline, now() + timedelta(hours=1))
    state = topic_at(now())
    assert (state.records, state.records_per_minute, state.readers) == (7, 7, ["counting"])
    assert state.seconds_to_loss is None  # nobody ever read it


def test_topics_show_when_retention_by_time_takes_what_a_reader_has_not_read(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    read_by_a_worker_that_stops(pipeline, ["a"])
    pipeline.append(["b"])
    at = now() + timedelta(hours=1)
    look(pipeline, at)
    assert topic_at(at).seconds_to_loss == pytest.approx(7 * 86_400 - 3600, abs=60)
    with pipeline.database.connect() as connection:
        connection.execute("INSERT INTO consumer_retirement VALUES ('counting', now(), 'test')")
    assert topic_at(at).seconds_to_loss is None  # nobody misses it


def test_topics_and_consumers_count_retention_by_size_alike(pipeline: Pipeline):
    pipeline.log.create_topics([TopicSpec(TOPIC, 1, retention_seconds=None, retention_bytes=100_000)])
    pipeline.append(["a"])
    read_by_a_worker_that_stops(pipeline, ["a"])
    at = now() + timedelta(hours=1)
    look(pipeline, at)
    pipeline.append(["x" * 999] * 50)
    at += timedelta(minutes=1)
    look(pipeline, at)
    loss = topic_at(at).seconds_to_loss
    assert loss == pytest.approx(60, abs=5)  # half of what is kept came within a minute
    assert loss == consumer_flows(at, standing=["counting"])["counting"].topics[TOPIC].loss_seconds


def read_by_a_worker_that_stops(pipeline: Pipeline, values: list[str]) -> None:
    running = pipeline.start()
    pipeline.wait_for_effects(values)
    running.stop()


def test_metrics_carry_every_figure_of_a_consumer(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    samples = {
        sample.name: sample.value
        for family in consumer_metrics(now())
        for sample in family.samples
        if sample.labels.get("condition", "not_running") == "not_running"
    }
    assert samples["headwater_consumer_lag_records"] == 1
    assert samples["headwater_consumer_condition"] == 1
    assert samples["headwater_consumer_records_total"] == 0
    assert samples["headwater_log_up"] == 1
    assert samples["headwater_outbox_records"] == 0
    assert samples["headwater_consumer_retired"] == 0
    assert samples["headwater_log_troubles"] == 0
    assert len(samples) == 15


def test_metrics_tell_lag_rates_drain_and_loss_by_topic(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"] * 3)
    at = now()
    look(pipeline, at + timedelta(hours=1))
    look(pipeline, at + timedelta(hours=2))
    found = {
        sample.name.removeprefix("headwater_consumer_topic_"): sample.value
        for family in consumer_metrics(at + timedelta(hours=2))
        for sample in family.samples
        if sample.labels == {"consumer": "counting", "topic": TOPIC}
    }
    assert found["lag_records"] == 3
    assert found["lag_seconds"] == pytest.approx(7200, abs=60)
    assert (found["arriving_records_per_second"], found["applied_records_per_second"]) == (0, 0)
    assert (found["drain_seconds"], found["time_to_loss_seconds"]) == (float("inf"), float("inf"))
    assert found["retention_used_ratio"] == 0  # it never began
