"""A mail server for tests: speaks SMTP over real sockets, keeps what it is given, and is as bad as a test asks."""

import datetime as dt
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Sink:
    """`answers` replaces what is said to a command (`{"RCPT": "550 no"}`; an empty text: nothing, ever).

    `HANDSHAKE` is TLS, which is never agreed on: "drip" or an empty text.
    """

    answers: dict[str, str] = field(default_factory=dict)
    certificate: Path | None = None
    is_tls: bool = False
    login: str = ""
    got: list[tuple[str, bytes]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def messages(self) -> list[EmailMessage]:
        parsed = [
            message_from_bytes(text.replace(b"\r\n", b"\n"), policy=policy.default) for _, text in self.got
        ]
        return [each for each in parsed if isinstance(each, EmailMessage)]

    @property
    def context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        return context


class _Session(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        sink, recipient = self.server.sink, ""
        if sink.is_tls:
            self._secure()
        self._say("GREETING", "220 sink ESMTP")
        while line := self.rfile.readline(4096):
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            verb = verb.upper()
            sink.commands.append(verb)
            if verb == "EHLO":
                offers = ["STARTTLS"] if sink.certificate and not sink.is_tls else []
                offers += ["AUTH PLAIN"] if sink.login else []
                lines = ["sink", *offers]
                self._say(
                    verb, "\r\n".join(f"250{' ' if last else '-'}{each}" for each, last in zip(lines, [*[False] * (len(lines) - 1), True], strict=True))
                )  # fmt: skip
            elif verb == "STARTTLS":
                self._say(verb, "220 go")
                self._secure()
            elif verb == "AUTH":
                self._say(verb, "235 in" if rest == f"PLAIN {sink.login}" else "535 no")
            elif verb == "RCPT":
                recipient = rest[3:].strip("<>")
                self._say(verb, "250 ok")
            elif verb == "DATA":
                if self._say(verb, "354 go"):
                    sink.got.append((recipient, self._text()))
                    self._say("TEXT", "250 kept")
            elif verb == "QUIT":
                self._say(verb, "221 bye")
                return
            else:
                self._say(verb, "250 ok")

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline(4096)) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, verb: str, usual: str) -> bool:
        answer = self.server.sink.answers.get(verb, usual)
        if answer == "drip":
            self._drip()
        if answer:
            self.wfile.write(f"{answer}\r\n".encode())
            return answer == usual
        self.server.sink.released.wait(30)
        return False

    def _drip(self, what: bytes = b"250-") -> None:
        """Say something all the time and never come to an end."""
        while not self.server.sink.released.wait(0.05):
            self.wfile.write(what)

    def _never_agree(self, answer: str) -> None:
        """Be silent, or send a record of TLS byte by byte."""
        if answer == "drip":
            self.wfile.write(b"\x16\x03\x03\x40\x00")
            self._drip(b"\2")
        self.server.sink.released.wait(30)

    def _secure(self) -> None:
        if (answer := self.server.sink.answers.get("HANDSHAKE")) is not None:
            self._never_agree(answer)
        self.rfile.close()
        self.wfile.close()
        self.connection = self.server.sink.context.wrap_socket(self.connection, server_side=True)
        self.request = self.connection
        self.setup()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False
    block_on_close = True

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, *_: Any) -> None:
        """A client that goes away, or does not trust us, is what tests are about."""


@contextmanager
def serving(sink: Sink) -> Iterator[Sink]:
    server = _Server(sink)
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


def unused_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def make_certificate(path: Path, host: str = "localhost") -> Path:
    """Key and certificate of the host in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
