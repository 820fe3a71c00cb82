"""Brokers that the tests of a file share, and what comes from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from ingestion.sources.connections import create_connection
from ingestion.sources.contract import Batch, Row, Selection
from ingestion.sources.mqtt import MqttSource
from ingestion.sources.mqtt.messages import ABOUT
from streaming.event_log import close_event_log, event_log
from tests.ingestion.sources.conftest import BY
from tests.ingestion.sources.mqtt.devices import LONG_S, Devices
from tests.mosquitto import Mosquitto
from tests.waiting import eventually

KIND = MqttSource()


def settings_of(broker: Mosquitto, client: str, **changes: str) -> dict[str, str]:
    return {
        "host": "127.0.0.1", "port": str(broker.port), "tls": "off", "client_id": client, "version": "5",
        "topics": f"{client}/#", **changes,
    }  # fmt: skip


@dataclass
class Listening:
    """What came of one reading."""

    batches: Iterator[Batch]
    state: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def next(self) -> Batch:
        """One batch, committed but not acknowledged; the beginning of a session is, or nothing would follow."""
        batch = next(self.batches)
        self.state = batch.state
        self.rows += batch.rows
        self.refused += [each.reason for each in batch.refused]
        self.notes += batch.notes
        if batch.acknowledge is not None and not (batch.rows or batch.refused):
            batch.acknowledge()
        return batch

    def come(self, count: int) -> list[Row]:
        """The rows once so many were read, with those that were refused."""
        eventually(lambda: self.next() and len(self.rows) + len(self.refused) >= count, seconds=LONG_S)
        return self.rows

    def acknowledged(self, count: int) -> list[Row]:
        """As `come`, each batch acknowledged."""

        def took() -> bool:
            batch = self.next()
            if batch.acknowledge is not None:
                batch.acknowledge()
            return len(self.rows) + len(self.refused) >= count

        eventually(took, seconds=LONG_S)
        next(self.batches)  # sends what was acknowledged
        return self.rows

    @property
    def identities(self) -> list[str]:
        return [row.identity for row in self.rows]

    def values(self, name: str) -> list[Any]:
        return [row.values.get(name) for row in self.rows]


@contextmanager
def listening(
    settings: dict[str, str], state: dict[str, Any] | None = None, names: tuple[str, ...] = ("n",)
) -> Iterator[Listening]:
    columns = (*ABOUT, *(ABOUT[0].__class__(name, ABOUT[0].type) for name in names))
    batches = KIND.read(settings, Selection("readings", columns, ()), state or {}, rows=100)
    found = Listening(batches)
    try:
        yield found
    finally:
        batches.close()  # type: ignore[attr-defined]  # a generator


@pytest.fixture(scope="module")
def broker(tmp_path_factory) -> Iterator[Mosquitto]:
    """One that lets everybody in."""
    started = Mosquitto(tmp_path_factory.mktemp("mosquitto")).start()
    yield started
    started.kill()


@pytest.fixture
def devices(fresh_database, broker, request) -> Iterator[Devices]:
    name = request.node.name[:40]
    typed = {key: value for key, value in settings_of(broker, name).items() if key != "topics"}
    connection = create_connection(
        name="Devices", kind="mqtt", source="Devices", typed=typed, by=BY, now=datetime.now(UTC)
    )
    made = Devices(broker, event_log(), connection)
    yield made
    made.stop.set()
    for ear in made.ears:
        ear.join(LONG_S)
    close_event_log()
