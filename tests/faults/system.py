"""Headwater's own processes: a web server, and consumers that can be killed, frozen and started again."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.faults.ledger import LoadGenerator
from tests.ingestion.collector.serving import KEY, Server, add_source, eventually


class Consumers:
    """`manage.py run_consumers profiles` as a process group of its own."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str, **extra: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_consumers", "profiles", *arguments],
                cwd=ROOT, env={**environment, **extra}, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def died(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.process.wait(30)

    def wait(self, seconds: float) -> int:
        return self.process.wait(seconds)


class System:
    """One web server and any number of consumers."""

    def __init__(self, database: Any, home: Path, **extra: str) -> None:
        self.database, self.home = database, home
        add_source(database.conninfo)
        self.environment = {
            **database.environment, "HEADWATER_HOME": str(home), "PYTHONWARNINGS": "ignore", **extra,
        }  # fmt: skip
        self.web = Server(self.environment, home)
        self.consumers: list[Consumers] = []

    def load(self, **options: Any) -> LoadGenerator:
        return LoadGenerator(self.web.url, KEY, **options)

    def consume(self, *arguments: str, **extra: str) -> Consumers:
        self.consumers.append(Consumers(self.environment, self.home / "consumers.log", *arguments, **extra))
        return self.consumers[-1]

    def drain(self, seconds: float = 120) -> None:
        """Empty the spool into the log, then apply all of the log; every other consumer has ended before."""
        eventually(self._spool_is_empty, seconds=seconds)
        ended = self.consume("--until-caught-up").wait(seconds)
        assert ended == 0, (self.home / "consumers.log").read_text()[-3000:]

    def _spool_is_empty(self) -> bool:
        return not list((self.home / "spool").glob("*/*.spool"))

    def applied(self) -> int:
        with self.database.connect() as connection:
            row = connection.execute("SELECT count(*) FROM profiles_timeline").fetchone()
            assert row is not None
            return int(row[0])

    def stop(self) -> None:
        for consumers in self.consumers:
            consumers.kill()
        self.web.stop()
