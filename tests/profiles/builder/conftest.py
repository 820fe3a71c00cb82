"""A builder on a database of the test's own."""

from collections.abc import Iterator

import pytest

from tests.profiles.builder.driver import Driver


@pytest.fixture
def builder(fresh_database) -> Iterator[Driver]:
    driver = Driver(fresh_database)
    yield driver
    driver.close()
