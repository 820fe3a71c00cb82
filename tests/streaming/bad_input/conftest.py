"""Each back end, with an empty topic of raw events."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streaming.event_log import close_event_log
from tests.conftest import Database
from tests.streaming.bad_input.raw_input import RawInput


@pytest.fixture(params=["postgres", pytest.param("kafka", marks=pytest.mark.kafka)])
def raw(
    request: pytest.FixtureRequest, fresh_database: Database, tmp_path: Path, settings: Any
) -> Iterator[RawInput]:
    """See above; commands that the test calls itself use it too."""
    kafka = request.param == "kafka"
    address = request.getfixturevalue("kafka_cluster").url if kafka else "postgres://"
    settings.EVENT_LOG = address
    made = RawInput(fresh_database, tmp_path, address)
    if kafka:
        for topic in made.log.topics():
            if topic.startswith(("events.", "profiles.", "dead_letters.", "retry.")):
                made.log.delete_topic(topic)
    made.create()
    yield made
    made.log.close()
    close_event_log()
