"""The running product: web server, consumers and worker on a database of their own, with its users."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from tests.conftest import ROOT, Database, copied
from tests.ingestion.collector.serving import KEY, Server, add_source
from tests.waiting import eventually

PASSWORDS = {
    "administrator": "a long pass of admins 7",
    "marketer": "a long pass of marketing 7",
    "DPO": "a long pass of protection 7",
}

_USERS = """
import json, sys, django
django.setup()
from django.utils import timezone
from compliance.access import Actor
from compliance.domain.users import create_staff
for role, password in json.load(sys.stdin).items():
    create_staff(username=role, password=password, role=role, by=Actor.system("tests"), now=timezone.now())
"""


_Kind = TypeVar("_Kind", bound="Product")


@contextmanager
def installed(template: Database, kind: str, make: Callable[[Database, Path], _Kind]) -> Iterator[_Kind]:
    """The product with one source, on a copy of the template and a home of its own; not started, and stopped at the end."""
    home = Path(tempfile.mkdtemp(prefix=f"hw-{kind}-"))
    with copied(template, kind) as database:
        add_source(database.conninfo, "Web shop")
        product = make(database, home)
        try:
            yield product
        finally:
            product.stop()
            shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(product.incoming, ignore_errors=True)


class Product:
    """What the tests look at. `start` returns when the web server answers and the consumers run."""

    def __init__(self, database: Database, home: Path) -> None:
        self.database = database
        self.incoming = home.with_name(f"{home.name}-incoming")
        self.incoming.mkdir()
        # Browsers keep their session for the whole run; what asks again after a while has tests of its own.
        settings = {"WATCHED_FOLDERS": str(self.incoming), "PROOF_MINUTES": "720"}
        self.server = Server({**database.environment, **settings}, home)
        self.home = home
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def environment(self) -> dict[str, str]:
        return {**self.server.environment, "DJANGO_SETTINGS_MODULE": "cdp_site.settings"}

    def start(self) -> "Product":
        self._make_users()
        self.server.start()
        self._run("consumers", [sys.executable, "manage.py", "run_consumers"])
        return self

    def start_worker(self) -> None:
        """Run background jobs from now on."""
        celery = [sys.executable, "-m", "celery", "-q", "-A", "cdp_site", "worker", "--pool=threads"]
        self._run(
            "worker",
            [
                *celery,
                "--queues=celery,sources",
                "--concurrency=2",
                "--loglevel=warning",
                "--without-gossip",
                "--without-mingle",
            ],
        )

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait(10)
        self.server.stop()

    def send(self, *items: dict[str, Any], key: str = KEY) -> None:
        """Send events as an SDK does."""
        answer = self.server.post("/v1/batch", {"batch": list(items)}, key=key)
        assert answer.status == 200, answer.body

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.database.connect() as connection:
            return connection.execute(query, parameters).fetchall()

    def wait_for_people(self, people: int) -> None:
        """Wait until there are as many."""
        eventually(lambda: self.rows("SELECT count(*) FROM profiles_profile")[0][0] >= people, seconds=60)

    def _run(self, name: str, command: list[str]) -> None:
        """Once: a second try of a test finds it running."""
        if name in self._processes:
            return
        with (self.home / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def _make_users(self) -> None:
        subprocess.run(
            [sys.executable, "-c", _USERS], input=json.dumps(PASSWORDS).encode(), cwd=ROOT, check=True, timeout=240,
            env={**self.environment, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        )  # fmt: skip
