"""The web server as a process: granian with `cdp_site.asgi`."""

import os
import shutil
import sys
from pathlib import Path

from cdp_site.supervision.role import Role

ROOT = Path(__file__).resolve().parents[2]
HEADER_TIMEOUT_MS = 5000
STOP_SECONDS = 40.0  # the collector drains for at most 20
STATEMENT_TIMEOUT_S = 30


def web_role(*, host: str, port: int, workers: int, home: Path) -> Role:
    """The web server on this address. Its metrics go to files of its own, because each worker counts for itself."""
    metrics = home / "run" / f"metrics-{port}"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    return Role(
        name="web",
        command=[
            sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port),
            "--workers", str(workers), "--respawn-failed-workers", "--loop", "uvloop", "--runtime-mode", "st",
            "--no-ws", "--http1-header-read-timeout", str(HEADER_TIMEOUT_MS), "--log-level", "warning",
            "cdp_site.asgi:application",
        ],
        environment={
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            # A page that takes so long helps nobody. The log's sessions set limits of their own.
            "PGOPTIONS": f"-c statement_timeout={STATEMENT_TIMEOUT_S}s",
        },
        stop_seconds=STOP_SECONDS,
    )  # fmt: skip
