"""A builder on the module's database, and a log that takes all that a decision publishes."""

from collections.abc import Iterator

import pytest

from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.contracts.profiles import CHANGES_TOPIC, EVENTS_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.profiles.builder.conftest import builder, database, shared_database  # noqa: F401 -- fixtures

TOPICS = (CHANGES_TOPIC, EVENTS_TOPIC, SESSIONS_TOPIC, BEHAVIOUR_TOPIC, SOCIAL_TOPIC)


@pytest.fixture(autouse=True)
def topics(database) -> Iterator[None]:  # noqa: F811 -- the fixture
    event_log().create_topics([TopicSpec(topic, 1) for topic in TOPICS])
    yield
    close_event_log()
