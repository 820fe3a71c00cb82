"""`bin/audit`: a known vulnerability fails it, and so does everything that it could not find out."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

TODAY = datetime.now(UTC).date()
LOCKED = "django==5.2.1 \\\n    --hash=sha256:00\nwhitenoise==6.12.0 \\\n    --hash=sha256:00\n"
CLEAN = [
    {"name": "django", "version": "5.2.1", "vulns": []},
    {"name": "whitenoise", "version": "6.12.0", "vulns": []},
]
HURT = {"id": "PYSEC-2026-7", "aliases": ["CVE-2026-7"], "fix_versions": ["5.2.2"], "description": ""}

Audit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Runs it with an auditor that reports this."""

    def run(dependencies: Any, *, accepted: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
        report = json.dumps({"dependencies": dependencies, "fixes": []}) if dependencies is not None else ""
        auditor = (
            f"import sys; print({report!r}); sys.stderr.write('no route to host\\n'); sys.exit({status})"
        )
        (tmp_path / "locked.txt").write_text(LOCKED)
        (tmp_path / "accepted.toml").write_text(accepted)
        (tmp_path / "auditor.py").write_text(auditor)
        command = [sys.executable, str(ROOT / "bin" / "audit"), "--accepted", str(tmp_path / "accepted.toml")]
        return subprocess.run(
            [*command, str(tmp_path / "locked.txt"), "--auditor", sys.executable, str(tmp_path / "auditor.py")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def _accepted(identity: str, days: int, reason: str = "never called") -> str:
    until = (TODAY + timedelta(days=days)).isoformat()
    return f'[[accepted]]\nid = "{identity}"\nuntil = {until}\nreason = "{reason}"\n'


def test_packages_without_a_known_vulnerability_pass(audit):
    assert audit(CLEAN).returncode == 0


def test_a_vulnerability_fails_with_what_to_do(audit):
    done = audit([{**CLEAN[0], "vulns": [HURT]}, CLEAN[1]], status=1)
    assert done.returncode == 1
    assert "django 5.2.1 has PYSEC-2026-7: use 5.2.2" in done.stderr


@pytest.mark.parametrize(
    "dependencies",
    [
        pytest.param(None, id="no report"),
        pytest.param(
            [CLEAN[0], {"name": "whitenoise", "skip_reason": "not found"}], id="left out with a reason"
        ),
        pytest.param([CLEAN[0]], id="left out in silence"),
        pytest.param([], id="nothing"),
    ],
)
def test_what_could_not_be_checked_is_no_pass(audit, dependencies):
    done = audit(dependencies)
    assert done.returncode == 2
    assert "CANNOT CHECK" in done.stderr


def test_an_accepted_one_passes_until_its_day(audit):
    hurt = [{**CLEAN[0], "vulns": [HURT]}, CLEAN[1]]
    assert audit(hurt, accepted=_accepted("CVE-2026-7", 1), status=1).returncode == 0
    late = audit(hurt, accepted=_accepted("CVE-2026-7", -1), status=1)
    assert late.returncode == 1
    assert "look at it again" in late.stderr
    assert audit(hurt, accepted=_accepted("CVE-2026-7", 1, reason=" "), status=1).returncode == 1
    assert "take it out" in audit(CLEAN, accepted=_accepted("CVE-2026-7", 1)).stderr


def test_every_locked_package_is_asked_about():
    sets = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert {path.stem for path in (ROOT / "requirements").glob("*.txt")} == sets
