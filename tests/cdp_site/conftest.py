"""Homes that the embedded server's account may enter, and ports."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cdp_site.postgres.loopback import free_port
from tests.cdp_site.running import Running
from tests.compliance.directories import directory, person, slapd  # noqa: F401 -- fixtures


@contextmanager
def a_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="hw-home-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def module_home() -> Iterator[Path]:
    """One home for the tests of a module, so that its database is made once."""
    with a_home() as home:
        yield home


@pytest.fixture
def new_home() -> Iterator[Path]:
    """A home of the test's own."""
    with a_home() as home:
        yield home


@pytest.fixture
def run(module_home) -> Iterator[Callable[..., Running]]:
    """Starts commands on the module's home and a free port; they are ended with the test."""
    started: list[Running] = []

    def start(
        *command: str, home: Path = module_home, port: int | None = None, **environment: str
    ) -> Running:
        started.append(Running(home, port or free_port(), *command, **environment))
        return started[-1]

    yield start
    for running in started:
        running.end()
