"""bin/setup, without what takes minutes: what it refuses, and that it does nothing twice."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture
def clone(tmp_path) -> Path:
    """What it reads, in a directory of its own."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return Path(tmp_path)


def setup(clone: Path, *arguments: str, python: str = "python3.11") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bin/setup", *arguments], cwd=clone, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHON": python},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("arguments", [(), ("everything",)])
def test_it_wants_to_know_what_for(clone, arguments):
    done = setup(clone, *arguments)
    assert done.returncode == 1
    assert "bin/setup demo, or bin/setup test" in done.stderr


def test_without_python_it_says_how_to_name_one(clone):
    done = setup(clone, "demo", python="python-of-nowhere")
    assert done.returncode == 1
    assert "python-of-nowhere is not there" in done.stderr
    assert "make demo PYTHON=" in done.stderr


def test_another_python_is_refused(clone):
    other = program(clone / "python", '[ "$1" = --version ] && echo "Python 3.13.0" && exit 0; exit 1')
    done = setup(clone, "demo", python=other)
    assert done.returncode == 1
    assert "is Python 3.13.0, and Headwater's packages are locked for Python 3.11" in done.stderr


def test_it_installs_with_hashes_once_and_again_when_the_lists_change(clone):
    calls = clone / "calls"
    calls.touch()
    program(clone / ".venv" / "bin" / "python", f'case "$*" in *install*) echo "$*" >>"{calls}";; esac')

    for _ in range(2):
        assert setup(clone, "demo").returncode == 0
    (once,) = calls.read_text().splitlines()
    assert "--require-hashes" in once
    assert "--requirement=requirements/base.txt --requirement=requirements/sources.txt" in once

    with (clone / "requirements" / "demo.txt").open("a") as changed:
        changed.write("# another\n")
    assert setup(clone, "demo").returncode == 0
    assert len(calls.read_text().splitlines()) == 2


def test_a_failed_installation_is_not_taken_for_done(clone):
    program(clone / ".venv" / "bin" / "python", 'case "$*" in *install*) exit 1;; esac')
    for _ in range(2):
        done = setup(clone, "demo")
        assert done.returncode == 1
        assert "pip could not install" in done.stderr


def test_every_locked_package_has_hashes_and_no_list_names_a_registry():
    for name in ("base", "demo", "dev", "ldap", "analytics"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    assert '"resolved"' not in (ROOT / "tests" / "sdk" / "package-lock.json").read_text()
