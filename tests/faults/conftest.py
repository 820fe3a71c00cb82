"""The whole system as processes, on a database of the test's own."""

from collections.abc import Iterator

import pytest

from tests.faults.system import System


@pytest.fixture
def system(fresh_database, tmp_path) -> Iterator[System]:
    made = System(fresh_database, tmp_path)
    yield made
    made.stop()
