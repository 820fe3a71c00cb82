"""Headwater's parts as processes that a test kills and freezes. None of them outlives its test."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.conftest import ROOT

TASKS = "tests.redundancy.noted_tasks"
_CELERY = [sys.executable, "-m", "celery", "-q", "-A", "cdp_site"]


class Part:
    """A process group, with its output in a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], output: Path) -> None:
        self.output = output
        with output.open("ab") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**environment, "PYTHONWARNINGS": "ignore"}, stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.output.read_text(errors="replace")

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def is_running(self) -> bool:
        return self.process.poll() is None

    def is_frozen(self) -> bool:
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait(30)

    def stop(self, seconds: float = 60) -> int:
        self.signal(signal.SIGTERM)
        return self.process.wait(seconds)


class Parts:
    """All parts of a test."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.started: list[Part] = []

    def start(self, name: str, command: list[str], **environment: str) -> Part:
        given = {**self.environment, "HOST_NAME": name, **environment}
        self.started.append(Part(command, given, self.folder / f"{name}.log"))
        return self.started[-1]

    def manage(self, name: str, *arguments: str, **environment: str) -> Part:
        return self.start(name, [sys.executable, "manage.py", *arguments], **environment)

    def beat(self, name: str, **environment: str) -> Part:
        return self.start(name, [*_CELERY, "beat", "--loglevel=info"], **environment)

    def worker(self, name: str, **environment: str) -> Part:
        command = [
            *_CELERY, "worker", "--pool=threads", "--concurrency=2", "--without-gossip", "--without-mingle",
            "--without-heartbeat", "--hostname", name, "--include", TASKS,
        ]  # fmt: skip
        return self.start(name, command, **environment)

    def end(self) -> None:
        for part in self.started:
            part.kill()
