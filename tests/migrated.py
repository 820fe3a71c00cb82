"""The database that all others of the tests are copied from, and its dump.

Making it takes seconds of processor time, so whoever does so leaves a dump to the lanes beside and to later runs. The
dump is of these migrations, these packages and this day (migrations make partitions of time): with others it is made anew. What stands beside the migrations, such as
the roles, is written when they have been applied, so they are "applied" to a restored database too.
"""

import fcntl
import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cdp_site.postgres.binaries import bundled_binaries
from tests.maven import CACHE

ROOT = Path(__file__).resolve().parents[1]
_KEPT = CACHE / "migrated"
_DAY_S = 86400


def fill(conninfo: str, migrate: Callable[[], object]) -> None:
    """Bring an empty database to where `migrate`, which works on it, would bring it, the quicker way if there is one."""
    dump = _KEPT / f"{_digest()}.dump"
    with _one_at_a_time():
        if is_kept := dump.exists():
            _run("pg_restore", f"--dbname={conninfo}", "--single-transaction", str(dump))
        else:
            migrate()
            _keep(conninfo, dump)
    if is_kept:
        migrate()


def _keep(conninfo: str, dump: Path) -> None:
    for former in _KEPT.glob("*.dump"):
        if former.stat().st_mtime < time.time() - _DAY_S:  # younger ones may be of another branch
            former.unlink()
    partial = dump.with_suffix(".partial")
    _run("pg_dump", f"--dbname={conninfo}", "--format=custom", "--compress=none", f"--file={partial}")
    partial.rename(dump)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [bundled_binaries() / program, *arguments], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, f"{program} failed: {done.stderr[-2000:]}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    _KEPT.mkdir(parents=True, exist_ok=True)
    with (_KEPT / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest() -> str:
    migrations = (path for path in ROOT.glob("*/migrations/*.py") if path.is_file())
    content = hashlib.sha256(datetime.now(UTC).date().isoformat().encode())
    for path in sorted([*migrations, *ROOT.glob("requirements/*.txt")]):
        content.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return content.hexdigest()[:32]
