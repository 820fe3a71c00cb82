"""Clients of the REST API."""

from collections.abc import Callable

import pytest
from django.test import Client

from compliance.domain.tokens import create_token
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL

EVERYTHING = (
    "people.view", "people.search", "identity.decide", "sources.view", "pipeline.view", "pipeline.operate",
)  # fmt: skip


@pytest.fixture
def client_with() -> Callable[..., Client]:
    """A client with a token of these scopes."""

    def make(*scopes: str, **options) -> Client:
        _, secret = create_token(name="test", by=ALL, now=START, scopes=scopes, expires_at=None, **options)
        client: Client = Client(headers={"Authorization": f"Bearer {secret}"})
        return client

    return make


@pytest.fixture
def api(client_with, fresh_database) -> Client:
    """A client that may see everything."""
    del fresh_database
    client: Client = client_with(*EVERYTHING, categories=[category.value for category in ALL.categories])
    return client
