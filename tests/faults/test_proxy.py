"""The proxy of the fault tests is as bad as it is told to be, and well again afterwards."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from tests.faults.proxy import HOST, Proxy, Toxic


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that answers with what it got."""
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=_serve, args=[listener], daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def _serve(listener: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_echo, args=[client], daemon=True).start()


def _echo(client: socket.socket) -> None:
    with client, suppress(OSError):
        while data := client.recv(65536):
            client.sendall(data)


@pytest.fixture
def proxy(echo) -> Iterator[Proxy]:
    with Proxy(echo) as made:
        yield made


def _connect(proxy: Proxy, seconds: float = 10) -> socket.socket:
    return socket.create_connection((HOST, proxy.port), timeout=seconds)


def _asked(client: socket.socket, text: bytes) -> bytes:
    client.sendall(text)
    received = b""
    while len(received) < len(text) and (part := client.recv(65536)):
        received += part
    return received


@pytest.mark.parametrize("toxic", [Toxic(), Toxic(slicer=3), Toxic(latency=0.01), Toxic(bandwidth=50_000)])
def test_all_bytes_pass_in_their_order(proxy, toxic):
    proxy.be(toxic)
    with closing(_connect(proxy)) as client:
        assert _asked(client, bytes(range(256)) * 4) == bytes(range(256)) * 4


@pytest.mark.parametrize("toxic", [Toxic(down=True), Toxic(reset_peer=True)])
def test_open_connections_end_and_new_ones_do_too_until_it_is_healed(proxy, toxic):
    with closing(_connect(proxy)) as client:
        assert _asked(client, b"before") == b"before"
        proxy.be(toxic)
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with (
        suppress(ConnectionResetError),
        closing(_connect(proxy)) as client,
    ):  # the reset may come as it connects
        assert client.recv(1) == b""
    proxy.heal()
    with closing(_connect(proxy)) as client:
        assert _asked(client, b"after") == b"after"


def test_what_a_timeout_held_back_passes_when_it_is_healed(proxy):
    with closing(_connect(proxy, 0.3)) as client:
        proxy.be(Toxic(timeout=True))
        client.sendall(b"late")
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.heal()
        client.settimeout(10)
        assert client.recv(4) == b"late"


def test_a_connection_is_cut_instead_of_passing_an_answer_on(proxy):
    proxy.be(Toxic(cut_at=b"COMMIT"))
    with closing(_connect(proxy)) as client:
        assert _asked(client, b"BEGIN") == b"BEGIN"
        client.sendall(b"COMMIT")
        with suppress(ConnectionResetError):
            assert client.recv(10) == b""
    assert proxy.cuts == 1


def test_latency_delays(proxy):
    proxy.be(Toxic(latency=0.1))
    with closing(_connect(proxy)) as client:
        begin = time.monotonic()
        _asked(client, b"x")
    assert time.monotonic() - begin >= 0.2  # there and back
