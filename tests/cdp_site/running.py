"""Commands of manage.py as processes with a home of their own, for tests that wait, ask, signal and kill."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.ingestion.collector.serving import ROOT, Answer

_FROM_OUTSIDE = ("DATABASE_URL", "EVENT_LOG", "SECRET_KEY", "PUBLIC_URL", "PORT", "HOST", "PYTHONWARNINGS")


class Running:
    """`manage.py COMMAND…` with its home, port and output."""

    def __init__(self, home: Path, port: int, *command: str, **environment: str) -> None:
        self.home, self.port, self.output = home, port, home / "output.txt"
        inherited = {name: value for name, value in os.environ.items() if name not in _FROM_OUTSIDE}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *command], cwd=ROOT, stdout=output, stderr=output, start_new_session=True,
                env={**inherited, "HEADWATER_HOME": str(home), "PORT": str(port), **environment},
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    @property
    def access(self) -> dict[str, Any]:
        return json.loads((self.home / "access.json").read_text())  # type: ignore[no-any-return]

    def is_ready(self) -> bool:
        """Whether it has said so; fails when it ended instead."""
        assert self.process.poll() is None, self.text[-3000:]
        return f"Headwater is ready: http://localhost:{self.port}\n" in self.text

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def answers(self, path: str = "/health/ready", status: int = 200) -> bool:
        assert self.process.poll() is None, self.text[-3000:]
        with suppress(OSError, http.client.HTTPException):
            return self.get(path).status == status
        return False

    def pids(self, role: str) -> list[int]:
        """The processes that the role had, the newest last."""
        return [int(pid) for pid in re.findall(rf"{role} started \(process (\d+)\)", self.text)]

    def stop(self, signum: int = signal.SIGINT) -> int:
        self.process.send_signal(signum)
        return self.process.wait(90)

    def end(self) -> None:
        """Whatever became of it, leave nothing running."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
        self.process.kill()
        self.process.wait(30)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
