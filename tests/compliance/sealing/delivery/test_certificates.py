"""Anchors over TLS: by HTTPS and by syslog, to servers whose authority is trusted, and to others."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, TCPServer

import pytest

from compliance.models import Notice
from compliance.sealing.anchors import read_lines
from compliance.sealing.sealer import seal
from tests.compliance.notices.conftest import make_staff
from tests.compliance.sealing.delivery.test_delivering import deliver, trouble
from tests.compliance.sealing.trail import look
from tests.kafka_guard import Authority


@pytest.fixture
def authorities(tmp_path, monkeypatch) -> tuple[Authority, Authority]:
    """One that is trusted, and another one."""
    ours, stranger = (Authority.made(tmp_path, title) for title in ("ours", "stranger"))
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.certificate))
    return ours, stranger


@pytest.fixture(autouse=True)
def _trail(fresh_database) -> None:
    make_staff("ada", "administrator")
    look(3)
    seal()


class _Came:
    """A server that keeps what came, and says nothing of handshakes that the client broke off."""

    came: list[bytes]

    def handle_error(self, *_args: object) -> None:
        """Nothing."""


class _Https(_Came, HTTPServer):
    pass


class _Syslog(_Came, TCPServer):
    pass


class _Posted(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Https)
        self.server.came.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing."""


class _Message(BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Syslog)
        self.server.came.append(b"".join(iter(lambda: self.request.recv(4000), b"")))


@contextmanager
def serving(scheme: str, authority: Authority, folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A server with a certificate of the authority: its address, and what came."""
    certificate, key = authority.sign("anchors")
    file = folder / "server.pem"
    file.write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    here, came = ("127.0.0.1", 0), list[bytes]()
    server = _Https(here, _Posted) if scheme == "https" else _Syslog(here, _Message)
    with server:
        server.came = came
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"{scheme}://127.0.0.1:{server.socket.getsockname()[1]}", came
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("scheme", ["https", "syslog+tls"])
def test_a_server_of_an_authority_that_is_trusted_gets_it(settings, tmp_path, authorities, scheme):
    ours, _ = authorities
    with serving(scheme, ours, tmp_path) as (address, came):
        deliver(settings, address)
    [content] = came
    assert [each.seq for each in read_lines([content.decode()]).anchors] == [3]
    assert not Notice.objects.exists()


@pytest.mark.parametrize("scheme", ["https", "syslog+tls"])
def test_a_server_of_a_strange_authority_gets_nothing_and_that_is_told(
    settings, tmp_path, authorities, scheme
):
    _, stranger = authorities
    with serving(scheme, stranger, tmp_path) as (address, came):
        deliver(settings, address)
    assert came == []
    assert "Its certificate is not trusted: unable to get local issuer certificate" in trouble()


@pytest.mark.parametrize("scheme", ["https", "syslog+tls"])
def test_a_certificate_for_another_name_is_not_taken(settings, tmp_path, authorities, scheme):
    ours, _ = authorities
    with serving(scheme, ours, tmp_path) as (address, came):
        deliver(settings, address.replace("127.0.0.1", "localhost"))
    assert came == []
    assert "Its certificate is not trusted: Hostname mismatch" in trouble()
