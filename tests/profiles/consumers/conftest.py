"""A database without people, and what a consumer keeps there: the tables that the test's module names in TABLES."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from tests.profiles.builder.conftest import database, shared_database  # noqa: F401 -- fixtures
from tests.profiles.consumers.driving import Kept, keeping


@pytest.fixture
def kept(request, database) -> Iterator[Kept]:  # noqa: F811
    with keeping(database, *request.module.TABLES) as made:
        yield made


@pytest.fixture
def session(kept: Kept) -> Connection[Any]:
    return kept.connection
