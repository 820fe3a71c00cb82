"""Parts on a database of the test's own."""

from collections.abc import Iterator

import pytest

from tests.redundancy.processes import Parts


@pytest.fixture
def parts(fresh_database, tmp_path) -> Iterator[Parts]:
    keys = {"SECRET_KEY": "s" * 60, "IDENTIFIER_KEY": "i" * 60}  # those that all hosts share
    made = Parts({**fresh_database.environment, **keys, "HEADWATER_HOME": str(tmp_path)}, tmp_path)
    yield made
    made.end()
