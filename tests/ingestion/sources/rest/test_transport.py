"""Connections to the addresses that a name stands for."""

import socket
from collections.abc import Iterator

import httpx
import pytest

from ingestion.sources.rest import client, transport
from ingestion.sources.rest.client import Client
from tests.ingestion.sources.rest.server import Reply


@pytest.fixture
def silent(api) -> Iterator[str]:
    """An address whose port takes no connection and refuses none, as behind a firewall that drops what comes."""
    port = httpx.URL(api.url).port
    with socket.socket() as full, socket.socket() as waiting, socket.socket() as another:
        full.bind(("127.0.0.2", port))
        full.listen(0)
        for each in (waiting, another):
            each.setblocking(False)
            each.connect_ex(("127.0.0.2", port))
        yield "127.0.0.2"


def test_an_address_that_never_answers_does_not_hide_the_next_one(api, silent, monkeypatch):
    api.answer = lambda _asked: Reply([{"id": 1}])
    monkeypatch.setattr(client, "TIMEOUTS", httpx.Timeout(5.0, connect=0.2))
    monkeypatch.setattr(transport, "checked_addresses", lambda _host, _port: [silent, "127.0.0.1"])
    with Client({"base_url": api.url, "auth": "none"}) as opened:
        assert opened.ask("GET", opened.address("/customers")).document == [{"id": 1}]
