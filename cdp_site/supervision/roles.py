"""The processes behind the web server, as commands."""

import sys
from pathlib import Path

from cdp_site.supervision.role import Role

MANAGE = str(Path(__file__).resolve().parents[2] / "manage.py")
_CELERY = [sys.executable, "-m", "celery", "-q", "--workdir", str(Path(MANAGE).parent), "-A", "cdp_site"]
_WORKER = [
    *_CELERY, "worker", "--pool=threads", "--loglevel=warning", "--without-gossip", "--without-mingle", "--without-heartbeat",
]  # fmt: skip
# Its tasks come as JSON, so being root is no danger of their own.
_AS_ROOT_TOO = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser"}


def manage(*arguments: str) -> list[str]:
    """A command of manage.py in a process of its own."""
    return [sys.executable, MANAGE, *arguments]


def consumers_role() -> Role:
    """All consumers in one process."""
    return Role("consumers", manage("run_consumers"))


def worker_role() -> Role:
    """A Celery worker; its tasks mostly wait, so threads serve better than processes."""
    return Role("worker", [*_WORKER, "--concurrency=2"], _AS_ROOT_TOO)


def sources_role() -> Role:
    """A Celery worker that reads connections and does nothing else. Threads are made when they are needed."""
    return Role("sources", [*_WORKER, "--queues=sources", "--concurrency=32"], _AS_ROOT_TOO)


def beat_role() -> Role:
    """Celery's clock. Its schedule stands in the database."""
    return Role("beat", [*_CELERY, "beat", "--loglevel=warning"])
