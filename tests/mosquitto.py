"""A real mosquitto on a free port, with what a test wants of it: passwords, TLS, what it keeps over a restart."""

import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.smtp_sink import unused_port
from tests.waiting import eventually

PROGRAM = "/usr/sbin/mosquitto"
PASSWORDS = "mosquitto_passwd"
USUAL = """
listener {port} 127.0.0.1
persistence true
persistence_location {home}/
autosave_interval 1
autosave_on_changes true
max_queued_messages 0
max_inflight_messages 0
log_type none
"""


@dataclass
class Mosquitto:
    """One broker. `more` are further lines of its configuration, with {home} for its own folder."""

    home: Path
    more: str = "allow_anonymous true\n"
    port: int = field(default_factory=unused_port)
    login: dict[str, str] = field(default_factory=dict)
    tls: dict[str, str] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Mosquitto":
        assert Path(PROGRAM).exists(), "mosquitto is missing: bin/setup test installs it"
        configuration = self.home / "mosquitto.conf"
        # As root it would take another user's rights, who may not read the test's folder.
        user = "user root\n" if os.getuid() == 0 else ""
        configuration.write_text(user + (USUAL + self.more).format(port=self.port, home=self.home))
        self._process = subprocess.Popen([PROGRAM, "-c", str(configuration)])
        eventually(self._answers, seconds=20)
        return self

    def stop(self) -> None:
        """As an administrator stops it: what it keeps is written."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def reload(self) -> None:
        """Have it read passwords again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def forget(self) -> None:
        """Lose what it kept."""
        (self.home / "mosquitto.db").unlink(missing_ok=True)

    def set_password(self, user: str, password: str) -> None:
        path = self.home / "passwords"
        made = [] if path.exists() else ["-c"]
        subprocess.run([PASSWORDS, "-b", *made, str(path), user, password], check=True, capture_output=True)

    def publish(self, messages: Iterable[tuple[str, Any]], *, qos: int = 1, retain: bool = False) -> None:
        """Return once the broker has taken them all."""
        client = self.publisher()
        for sent in [client.publish(topic, payload, qos, retain) for topic, payload in messages]:
            sent.wait_for_publish(60)
            assert sent.is_published()
        client.disconnect()
        client.loop_stop()

    def publisher(self, protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5) -> Client:
        """A connected client, for what `publish` has no words for."""
        client = Client(CallbackAPIVersion.VERSION2, f"publisher-{secrets.token_hex(4)}", protocol=protocol)
        if self.login:
            client.username_pw_set(self.login["username"], self.login["password"])
        if self.tls:
            client.tls_set(self.tls["ca_certs"])
        client.max_inflight_messages_set(1000)
        client.connect("localhost" if self.tls else "127.0.0.1", self.port)
        client.loop_start()
        return client

    def _end(self, signum: int) -> None:
        if self._process is not None:
            self._process.send_signal(signum)
            self._process.wait(20)
            self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "mosquitto ended"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


def make_certificates(home: Path, names: Sequence[str] = ("DNS:localhost", "IP:127.0.0.1")) -> str:
    """An authority, and the certificate of a broker, in this folder; the authority's certificate."""
    run = [
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=Test authority",
         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
        ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=broker"],
    ]  # fmt: skip
    for arguments in run:
        subprocess.run(["openssl", *arguments], cwd=home, check=True, capture_output=True)
    (home / "extensions").write_text(f"subjectAltName={','.join(names)}\n")
    signing = ["x509", "-req", "-in", "broker.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "broker.crt", "-days", "2", "-extfile", "extensions"]  # fmt: skip
    subprocess.run(["openssl", *signing], cwd=home, check=True, capture_output=True)
    return (home / "ca.crt").read_text()
