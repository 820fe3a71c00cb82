"""A consumer that cannot go on says so; `consumer_reset` lets it go on."""

import pytest
from django.core.management import call_command

from streaming.contracts.records import TopicPartition, TopicSpec
from streaming.runtime.stopping import ConsumerStopped
from tests.streaming.runtime.conftest import TOPIC, Pipeline

PLACE = TopicPartition(TOPIC, 0)


def applied(pipeline: Pipeline, values: list[str]) -> None:
    """Have these applied, and stop."""
    pipeline.append(values)
    running = pipeline.start()
    pipeline.wait_for_effects(values)
    running.stop()


def stopped_by(pipeline: Pipeline) -> str:
    running = pipeline.start()
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    return str(running.error)


@pytest.mark.parametrize(("option", "rest"), [("--from-start", ["d"]), ("--from-end", [])])
def test_records_lost_to_retention_stop_the_consumer(pipeline: Pipeline, option: str, rest: list[str]):
    pipeline.topic(partitions=1)
    applied(pipeline, ["a", "b"])
    pipeline.append(["c", "d"])
    pipeline.log.delete_before({PLACE: 3})
    assert f"consumer_reset counting --topic {TOPIC} --from-start" in stopped_by(pipeline)
    call_command("consumer_reset", "counting", option)
    pipeline.start()
    pipeline.append(["e"])
    pipeline.wait_for_effects(["a", "b", *rest, "e"])


def test_a_topic_created_anew_is_recognised_however_far_it_has_grown(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    applied(pipeline, ["a", "b"])
    pipeline.log.delete_topic(TOPIC)
    pipeline.log.create_topics([TopicSpec(TOPIC, 1)])
    pipeline.append(["c", "d", "e"])
    assert "created again" in stopped_by(pipeline)
    call_command("consumer_reset", "counting", "--from-start")
    pipeline.start()
    pipeline.wait_for_effects(["a", "b", "c", "d", "e"])


def test_a_reset_touches_only_what_is_broken_unless_topics_are_named(
    pipeline: Pipeline, capsys: pytest.CaptureFixture[str]
):
    pipeline.topic(partitions=1)
    applied(pipeline, ["a", "b"])
    call_command("consumer_reset", "counting", "--from-start")
    assert "Nothing was set: counting can go on everywhere." in capsys.readouterr().out
    call_command("consumer_reset", "counting", "--from-start", "--topic", TOPIC)
    assert capsys.readouterr().out == f"{TOPIC}/0: 2 -> 0 (0 offsets skipped, 2 read again)\n"
    assert pipeline.positions()[PLACE] == 0


def test_a_reset_under_a_running_worker_takes_effect(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["a", "b"])
    pipeline.start()
    pipeline.wait_for_effects(["a", "b"])
    call_command("consumer_reset", "counting", "--from-start", "--topic", TOPIC)
    pipeline.append(["c"])
    pipeline.wait_for_effects(["a", "b", "a", "b", "c"])
