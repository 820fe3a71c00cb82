"""The running collector, and the node packages."""

from pathlib import Path

import pytest

from tests.ingestion.collector.conftest import log, module_database, server

__all__ = ["log", "module_database", "server"]
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The packages of package-lock.json."""
    modules = HERE / "node_modules"
    assert (modules / ".package-lock.json").exists(), (
        f"the node SDKs are missing: run `npm ci` in {HERE} (make test does)"
    )
    return modules
