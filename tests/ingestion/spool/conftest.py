"""Spools on a disk of the test's own, and the log that they are emptied into."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingestion.spool.relay import Relay
from ingestion.spool.spool import Spool
from streaming.contracts.log import LogError, LogUnavailable
from streaming.contracts.records import NewRecord

NOW = 1_795_000_000.0


def records(count: int, first: int = 0, size: int = 0) -> list[NewRecord]:
    return [NewRecord("events.e", b"key", b"%d " % n + bytes(size)) for n in range(first, first + count)]


def numbers(taken: Sequence[NewRecord]) -> list[int]:
    return [int((record.value or b"").split(b" ")[0]) for record in taken]


@dataclass
class Destination:
    """Where spooled records go; away until told otherwise."""

    taken: list[NewRecord] = field(default_factory=list)
    away: bool = False
    refuses: Callable[[Sequence[NewRecord]], LogError | None] = lambda _records: None

    def opened(self) -> object:
        if self.away:
            raise LogUnavailable("away")
        return self

    def append(self, records: Sequence[NewRecord]) -> None:
        self.opened()
        if error := self.refuses(records):
            raise error
        self.taken.extend(records)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def make_spool(root) -> Iterator[Callable[..., Spool]]:
    made: list[Spool] = []

    def make(name: str = "host-1", limit: int = 100_000_000) -> Spool:
        made.append(Spool(root, name, limit=limit))
        return made[-1]

    yield make
    for spool in made:
        spool.close()


@pytest.fixture
def spool(make_spool: Callable[..., Spool]) -> Spool:
    return make_spool()


@pytest.fixture
def destination() -> Destination:
    return Destination()


@pytest.fixture
def relay(spool, destination) -> Relay:
    return Relay(spool, destination, window=14 * 86400)


def spooled(spool: Spool, *groups: Sequence[NewRecord], at: float | None = None) -> None:
    for group in groups:
        spool.append(group, time.time() if at is None else at).result(10)
