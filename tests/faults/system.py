"""Headwater's own processes: a web server, and consumers that can be killed, frozen and started again."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from compliance.identifiers import key_fingerprint, keyed_hash
from tests.conftest import ROOT
from tests.faults.ledger import SUPPRESSED, LoadGenerator
from tests.ingestion.collector.serving import KEY, Server, add_source
from tests.waiting import eventually

_SUPPRESS = """
INSERT INTO compliance_suppressedidentifier (namespace, hash, reason, at, by, key)
VALUES ('user_id', %s, '', now(), 'faults', %s)
"""


class Consumers:
    """`manage.py run_consumers [NAME…]` as a process group of its own."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str, **extra: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_consumers", *arguments],
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

    def end(self, seconds: float = 90) -> None:
        """Have them end by themselves, frozen ones too."""
        if not self.died():
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)
            self.signal(signal.SIGCONT)
            self.process.wait(seconds)

    def wait(self, seconds: float) -> int:
        return self.process.wait(seconds)


class WebServer(Server):
    """`manage.py serve`, with as many workers as WEB_WORKERS says."""

    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "serve"]

    def workers(self) -> list[int]:
        """The processes that serve."""
        assert self.process is not None
        [supervised] = _children(self.process.pid)
        return [
            pid
            for pid in _children(supervised)
            if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]


class System:
    """One web server and any number of consumers. The test's own look into the database goes past any proxy."""

    def __init__(
        self, database: Any, home: Path, *, url: str = "", serve: bool = False, **extra: str
    ) -> None:
        self.database, self.home = database, home
        home.mkdir(exist_ok=True)
        add_source(database.conninfo)
        self.environment = {
            **database.environment, "DATABASE_URL": url or database.url, "HEADWATER_HOME": str(home),
            "PYTHONWARNINGS": "ignore", "IDENTIFIER_KEY": settings.IDENTIFIER_KEY, **extra,
        }  # fmt: skip
        self.web = (WebServer if serve else Server)(self.environment, home)
        self.web.environment["PORT"] = str(self.web.port)
        self.consumers: list[Consumers] = []

    def load(self, **options: Any) -> LoadGenerator:
        return LoadGenerator(self.web.url, KEY, **options)

    def consume(self, *arguments: str, **extra: str) -> Consumers:
        """Start consumers: all that are registered, or those named."""
        self.consumers.append(Consumers(self.environment, self.home / "consumers.log", *arguments, **extra))
        return self.consumers[-1]

    def drain(self, seconds: float = 120) -> None:
        """Empty the spool into the log, end all consumers, then apply all of the log."""
        eventually(self.spool_is_empty, seconds=seconds)
        for consumers in self.consumers:
            consumers.end()
        ended = self.consume("--until-caught-up").wait(seconds)
        assert ended == 0, self.consumers_log()[-3000:]

    def manage(self, *arguments: str, expect: int = 0) -> str:
        """The output of a command of manage.py."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=False,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == expect, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def consumers_log(self) -> str:
        return (self.home / "consumers.log").read_text(errors="replace")

    def spooled(self) -> list[Path]:
        return list((self.home / "spool").glob("*/*.spool"))

    def spool_is_empty(self) -> bool:
        return not self.spooled()

    def suppress(self) -> None:
        """Suppress the person of whom a generator sends events when it is told to."""
        with self.database.connect() as connection:
            connection.execute(_SUPPRESS, [keyed_hash("user_id", SUPPRESSED), key_fingerprint()])

    def applied(self) -> int:
        with self.database.connect() as connection:
            row = connection.execute("SELECT count(*) FROM profiles_timeline").fetchone()
            assert row is not None
            return int(row[0])

    def handled(self) -> int | None:
        """How many events are stored or dead letters; None while the database does not say."""
        try:
            with self.database.connect(connect_timeout=2, options="-c statement_timeout=1000") as connection:
                row = connection.execute(
                    "SELECT (SELECT count(*) FROM profiles_timeline) + (SELECT count(*) FROM dead_letter)"
                ).fetchone()
        except psycopg.Error:
            return None
        return int(row[0]) if row else None

    def stop(self) -> None:
        for consumers in self.consumers:
            consumers.kill()
        self.web.stop()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
