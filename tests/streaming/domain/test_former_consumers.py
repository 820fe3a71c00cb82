"""Dead letters of a consumer that is no more."""

from datetime import UTC, datetime

import pytest

from streaming import registry
from streaming.domain import dead_letters, edits
from streaming.domain.running import UnknownConsumer
from tests.streaming.runtime.conftest import Pipeline
from tests.streaming.runtime.counting import Counting, misbehave

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_nothing_is_sent_where_nobody_reads_it(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    pipeline.topic(partitions=1)
    pipeline.append(["invalid", "good"])
    running = pipeline.start(Counting(fail=misbehave))
    pipeline.wait_for_effects(["good"])
    running.stop()
    monkeypatch.setattr(registry, "_consumers", {"other": Counting})
    (letter,) = dead_letters.page(actor=None)
    with pytest.raises(UnknownConsumer, match="there is no consumer 'counting'"):
        dead_letters.resubmit([letter.id], actor=None, by_name="alice", now=NOW)
    with pytest.raises(UnknownConsumer):
        edits.resubmit_edited(letter.id, key=None, value=b"1", actor=None, by_name="alice", now=NOW)
    assert dead_letters.get(letter.id, actor=None).state == "open"
