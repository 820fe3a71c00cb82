"""Clients that never finish what they begin: their connections end, and nobody else waits for them."""

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.faults.places import on_postgres
from tests.ingestion.collector.serving import KEY, basic
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.fault_suite, pytest.mark.timeout(300)]
CLIENTS = 120
_HEAD = b"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_REST = f"Authorization: {basic(KEY)['Authorization']}\r\nContent-Length: 5000\r\n\r\n".encode()
BEGINNINGS = {"no bytes": b"", "half a head": _HEAD, "half a body": _HEAD + _REST + b'{"batch": ['}


@on_postgres
@pytest.mark.fault_row(21)
@pytest.mark.parametrize("beginning", ["half a head", "half a body"])
def test_clients_never_finish(trial, beginning):
    system = trial.system
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(50)
        with trial.fault(f"{CLIENTS} connections with {beginning}"), _connections(system.web.port) as clients:
            for client in clients:
                client.sendall(BEGINNINGS[beginning])
            begin = time.monotonic()
            load.wait_for(100)
            assert time.monotonic() - begin < 30, "others wait"
            eventually(lambda: all(_is_closed(client) for client in clients), seconds=90)
        load.wait_for(50)
    assert not trial.ledger.refused
    trial.settle()


@contextmanager
def _connections(port: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            for _ in range(CLIENTS)
        ]


def _is_closed(client: socket.socket) -> bool:
    """Whether the server ended the connection, with an answer or without."""
    with selectors.DefaultSelector() as selector, suppress(ConnectionResetError):
        selector.register(client, selectors.EVENT_READ)
        while selector.select(0):
            if not client.recv(65536):
                return True
        return False
    return True
