"""Addresses that only the machine itself sees are never connected to, however they are written."""

import socket

import pytest

from compliance.hosts import is_forbidden
from ingestion.sources.contract import SourceRefused, SourceUnavailable
from ingestion.sources.hosts import checked_addresses, connected
from ingestion.sources.mqtt import MqttSource
from ingestion.sources.sql import SqlSource
from tests.mosquitto import Mosquitto

LINK_LOCAL = [
    "169.254.169.254", "2852039166", "0251.0376.0251.0376", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "169.254.43518",
    "::ffff:169.254.169.254", "[::ffff:a9fe:a9fe]", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
    "fe80::1", "fe80::1%lo", "fd00:ec2::254",
]  # fmt: skip


@pytest.mark.parametrize("host", [*LINK_LOCAL, "0.0.0.0", "0", "::", "224.0.0.1", "ff02::1"])
def test_no_spelling_of_a_forbidden_address_is_taken(host):
    with pytest.raises(SourceRefused, match="only this machine itself sees"):
        checked_addresses(host, 80)


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "192.168.1.9", "127.0.0.1", "::1", "fd12::1", "93.184.216.34", "2a00::1"]
)
def test_addresses_of_ones_own_network_are_taken(address):
    assert not is_forbidden(address)
    assert checked_addresses(address, 80) == [address]


def test_a_name_is_judged_by_what_it_stands_for(monkeypatch):
    assert "127.0.0.1" in checked_addresses("localhost", 80)
    known = socket.getaddrinfo

    def answer(host, *rest, **more):
        if host != "crm.example.com":
            return known(host, *rest, **more)
        return known("93.184.216.34", *rest, **more) + known("169.254.169.254", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(SourceRefused, match=r"crm\.example\.com stands for"):
        checked_addresses("crm.example.com", 443)
    with pytest.raises(SourceUnavailable, match="is not known"):
        checked_addresses("no-such-host.invalid", 80)


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_databases_are_not_looked_for_there_either(dialect):
    with pytest.raises(SourceRefused, match="only this machine itself sees"):
        SqlSource().check({"dialect": dialect, "host": "169.254.169.254", "database": "crm"})


@pytest.fixture
def two_addresses(monkeypatch) -> str:
    """A name of two addresses, of which the first, preferred one answers nobody."""
    known = socket.getaddrinfo

    def answer(host, *rest, **more):
        if host != "two.example.com":
            return known(host, *rest, **more)
        return known("127.0.0.2", *rest, **more) + known("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return "two.example.com"


def test_each_address_of_a_name_is_tried(two_addresses):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with connected(two_addresses, port, 5) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)
    with pytest.raises(ConnectionRefusedError):
        connected(two_addresses, port, 5)
    with pytest.raises(SourceRefused, match="only this machine itself sees"):
        connected("169.254.169.254", port, 5)


def test_addresses_that_do_not_answer_share_the_time(two_addresses, monkeypatch):
    given = []

    def never(address, timeout):
        given.append((address[0], timeout))
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", never)
    with pytest.raises(TimeoutError):
        connected(two_addresses, 443, 10)
    assert [address for address, _ in given] == ["127.0.0.2", "127.0.0.1"]
    assert 4 < given[0][1] <= 5
    assert given[1][1] <= 10


def test_brokers_are_found_so(two_addresses, tmp_path):
    broker = Mosquitto(tmp_path).start()
    given = {
        "host": two_addresses,
        "port": str(broker.port),
        "tls": "off",
        "client_id": "two",
        "version": "5",
    }
    assert "The login works" in MqttSource().check(given)
    broker.kill()
