"""A client of Django for each role."""

import pytest


@pytest.fixture
def as_administrator(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def as_marketer(client, marketer):
    client.force_login(marketer)
    return client
