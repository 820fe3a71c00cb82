"""The import contracts hold, and each of them fails when somebody breaks it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import APPS, ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
# Where to put which import, and the contract that it breaks.
BREACHES = {
    "streaming/registry.py": ("import compliance.access", CONTRACTS[0]),
    "compliance/stores.py": ("import profiles.models", CONTRACTS[0]),
    "profiles/apps.py": ("import ingestion.domain.sources", CONTRACTS[0]),
    "ingestion/tasks.py": ("from profiles.domain import queries", CONTRACTS[0]),
    "segments/apps.py": ("import activation.apps", CONTRACTS[0]),
    "profiles/models/profile.py": ("import profiles.domain.seeds", CONTRACTS[1]),
    "ingestion/domain/sources.py": ("import ingestion.tasks", CONTRACTS[1]),
    "ingestion/enums.py": ("import ingestion.models", CONTRACTS[1]),
    "streaming/runtime/consumer.py": ("import django.conf", CONTRACTS[2]),
    "streaming/contracts/events.py": ("import streaming.database", CONTRACTS[2]),
    "streaming/postgres/log.py": ("import confluent_kafka", CONTRACTS[3]),
    "ingestion/collector/app.py": ("import confluent_kafka", CONTRACTS[3]),
    "segments/__init__.py": ("import impala.dbapi", CONTRACTS[4]),
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the apps."""
    place: Path = tmp_path_factory.mktemp("tree")
    for app in APPS:
        shutil.copytree(ROOT / app, place / app, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def lint(place: Path) -> subprocess.CompletedProcess:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"], cwd=place, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_contracts_hold(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in done.stdout


@pytest.mark.parametrize("path", BREACHES)
def test_a_contract_fails_when_it_is_broken(tree, path):
    statement, contract = BREACHES[path]
    file = tree / path
    whole = file.read_text()
    try:
        file.write_text(f"{whole}\n{statement}\n")
        done = lint(tree)
    finally:
        file.write_text(whole)
    assert done.returncode == 1, f"{statement} in {path} goes unnoticed"
    assert f"{contract} BROKEN" in done.stdout


def test_every_contract_is_tried():
    assert {contract for _, contract in BREACHES.values()} == set(CONTRACTS)
