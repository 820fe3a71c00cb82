"""Members of staff, and the time."""

from datetime import UTC, datetime

import pytest

from compliance.access import Actor
from compliance.domain.users import create_staff
from compliance.models import User
from tests.compliance.directories import (  # noqa: F401 -- fixtures
    active_directory,
    active_slapd,
    directory,
    person,
    slapd,
    use,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SYSTEM = Actor.system("test")
PASSWORD = "harbour-lights-42"


@pytest.fixture
def marketer(db) -> User:
    return create_staff(username="mia", password=PASSWORD, role="marketer", by=SYSTEM, now=NOW)


@pytest.fixture
def administrator(db) -> User:
    return create_staff(username="ada", password=PASSWORD, role="administrator", by=SYSTEM, now=NOW)
