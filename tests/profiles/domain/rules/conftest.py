"""Staff who change rules, on a database that the tests of a module share."""

from collections.abc import Iterator

import pytest

from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.conftest import builder, database, shared_database  # noqa: F401 -- fixtures


@pytest.fixture(autouse=True)
def _log(database) -> Iterator[None]:  # noqa: F811 -- the fixture
    """The topic that changes of people are published in."""
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    yield
    close_event_log()
