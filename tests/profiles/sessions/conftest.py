from collections.abc import Iterator

import pytest

from tests.profiles.builder.conftest import database, shared_database  # noqa: F401 -- fixtures
from tests.profiles.sessions.driver import Pipeline


@pytest.fixture
def pipeline(database) -> Iterator[Pipeline]:  # noqa: F811 -- the fixture
    made = Pipeline(database)
    clear_visits(made)
    yield made
    made.stop()


def clear_visits(made: Pipeline) -> None:
    """Have no visits."""
    with made.combiner.connection.transaction():
        made.combiner.connection.execute("DELETE FROM profiles_session; DELETE FROM profiles_session_lock")
    made.combiner.published.clear()
