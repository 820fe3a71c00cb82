"""Signed-in staff, and Jane."""

from collections.abc import Callable

import pytest
from django.test import Client

from compliance.domain.users import create_staff
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL, builder, changes_topic, jane  # noqa: F401 -- fixtures

PASSWORD = "harbour-lights-42"


@pytest.fixture
def signed_in(fresh_database) -> Callable[[str], Client]:
    """A client of a member of staff with this role, named like it."""

    def make(role: str) -> Client:
        client = Client()
        client.force_login(create_staff(username=role, password=PASSWORD, role=role, by=ALL, now=START))
        return client

    return make
