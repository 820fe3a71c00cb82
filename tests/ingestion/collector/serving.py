"""The real server as a process, and the log behind it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson
import psycopg

from streaming.contracts.records import TopicPartition
from streaming.postgres.log import PostgresLog
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
KEY = "WRITEKEY1"
T = TypeVar("T")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class LogView:
    """Reads everything that the log holds."""

    conninfo: str
    log: PostgresLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = PostgresLog(self.conninfo)

    def records(self, prefix: str) -> list[Any]:
        partitions = [
            TopicPartition(topic, partition)
            for topic, count in self.log.topics().items()
            if topic.startswith(prefix)
            for partition in range(count)
        ]
        return self.log.tail(partitions, 1_000_000) if partitions else []

    def events(self) -> list[dict[str, Any]]:
        return [orjson.loads(record.value) for record in self.records("events.")]

    def message_ids(self) -> list[str]:
        return [event["message_id"] for event in self.events()]

    def event(self, message_id: str) -> dict[str, Any]:
        found = [event for event in self.events() if event["message_id"] == message_id]
        assert len(found) == 1, f"{len(found)} events with message_id {message_id}"
        return found[0]

    def rejections(self) -> list[dict[str, Any]]:
        return [orjson.loads(record.value) for record in self.records("rejections")]

    def close(self) -> None:
        self.log.close()


class Server:
    """granian with the product's ASGI application, in a home of its own."""

    def __init__(self, environment: dict[str, str], home: Path, **extra: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.home = home
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**environment, "HEADWATER_HOME": str(home), "PYTHONWARNINGS": "ignore", **extra}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, wait: bool = True, **extra: str) -> "Server":
        home_log = (self.home / "server.log").open("ab")
        with home_log:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env={**self.environment, **extra}, stdout=home_log, stderr=home_log,
                start_new_session=True,
            )  # fmt: skip
        if wait:
            eventually(self._serves, seconds=180)
        return self

    def command(self) -> list[str]:
        return [
            str(Path(sys.executable).with_name("granian")), "--interface", "asgi", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", "1", "--loop", "uvloop", "--no-ws",
            "--http1-header-read-timeout", "2000", "cdp_site.asgi:application",
        ]  # fmt: skip

    def _serves(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log_text()[-2000:]
        with suppress(OSError, http.client.HTTPException):
            # A wrong key is refused only once the configuration was read.
            return self.request("GET", "/v1/projects/UNKNOWNKEY/settings").status == 401
        return False

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(self, path: str, document: Any, *, key: str | None = KEY, **headers: str) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.request("POST", path, body, {**(basic(key) if key else {}), **named(headers)})

    def raw(self, data: bytes, *, seconds: float = 10.0) -> bytes:
        """Send bytes as they are, and return all that comes until the server closes or falls silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(data)
            received = b""
            connection.settimeout(seconds)
            with suppress(TimeoutError, ConnectionResetError):
                while part := connection.recv(65536):
                    received += part
            return received

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def died(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def wait(self, seconds: float = 60) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> None:
        if self.process is None:
            return
        self.signal_group(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self.signal_group(signal.SIGKILL)
        self.process = None

    def kill(self) -> None:
        """Kill -9 everything that belongs to it."""
        assert self.process is not None
        self.signal_group(signal.SIGKILL)
        self.process.wait(30)

    def signal_group(self, number: int) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def log_text(self) -> str:
        return (self.home / "server.log").read_text(errors="replace")


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def add_source(conninfo: str, name: str = "web", key: str = KEY, *, disabled: bool = False) -> int:
    """A source with a key, written as the product's tables have them."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "INSERT INTO ingestion_source (name, description, created_at) VALUES (%s, '', now()) RETURNING id",
            [name],
        ).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO ingestion_writekey (source_id, key, created_at, disabled_at)"
            " VALUES (%s, %s, now(), CASE WHEN %s THEN now() END)",
            [row[0], key, disabled],
        )
        return int(row[0])
