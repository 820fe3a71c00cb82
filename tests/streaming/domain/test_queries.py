"""What the pipeline's screens ask."""

from datetime import UTC, datetime, timedelta

import pytest

from streaming.domain.flow.sampling import Sampler
from streaming.domain.metrics import consumer_metrics
from streaming.domain.queries.consumers import consumers
from streaming.domain.queries.topics import topics
from streaming.enums import ConsumerCondition
from tests.streaming.contract.subject import eventually
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import Counting, misbehave


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


def test_topics_show_what_they_hold_who_reads_them_and_the_time_to_loss(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"] * 7)
    found = {state.name: state for state in topics(now())}
    state = found[TOPIC]
    assert (state.records, state.records_per_minute, state.readers) == (7, 7, ["counting"])
    assert state.time_to_loss is None  # nobody ever read it
    running = pipeline.start()
    pipeline.wait_for_effects(["a"] * 7)
    running.stop()
    pipeline.append(["b"])
    state = {state.name: state for state in topics(now())}[TOPIC]
    assert state.time_to_loss is not None
    assert timedelta(days=6) < state.time_to_loss <= timedelta(days=7)


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
    sampler = Sampler()
    assert sampler.look(pipeline.log, at + timedelta(hours=1))
    assert sampler.look(pipeline.log, at + timedelta(hours=2))
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
