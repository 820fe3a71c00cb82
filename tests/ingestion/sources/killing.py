"""Runs in processes of their own, each killed at a point of its way."""

import signal
import subprocess
import sys
from collections.abc import Mapping

from ingestion.models import ConnectionRun
from tests.conftest import ROOT, Database

Children = Mapping[str, "subprocess.Popen[bytes]"]

_RUN = """
from datetime import UTC, datetime
from ingestion.sources.running import run_connection
from streaming.event_log import event_log
run_connection(%d, log=event_log(), clock=lambda: datetime.now(UTC))
"""


def run_to_be_killed(
    database: Database, runs: Mapping[str, ConnectionRun], **environment: str
) -> dict[str, "subprocess.Popen[bytes]"]:
    """A process for each run, by the failpoint at which it ends."""
    return {
        point: subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v0", "-c", _RUN % run.pk], cwd=ROOT,
            env={**database.environment, "HEADWATER_FAILPOINTS": point, **environment}, stderr=subprocess.PIPE,
        )
        for point, run in runs.items()
    }  # fmt: skip


def assert_killed(children: Children, seconds: float = 200) -> None:
    """Wait for the end of all, which nothing but a kill may have brought."""
    for point, child in children.items():
        _, said = child.communicate(timeout=seconds)
        assert child.returncode == -signal.SIGKILL, (point, said[-2000:])
