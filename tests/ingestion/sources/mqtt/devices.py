"""A connection to a broker, and its runs, which listen in threads of the test."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connections

from ingestion.enums import RunCause
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.contract import DataType
from ingestion.sources.mqtt.messages import ABOUT
from ingestion.sources.running import run_connection
from ingestion.sources.runs import start_run
from streaming.contracts.events import decode_event
from streaming.contracts.log import EventLog
from tests.ingestion.imports.conftest import read_all
from tests.ingestion.sources.conftest import BY
from tests.mosquitto import Mosquitto
from tests.waiting import eventually

LONG_S = 60.0
MAPPING = {"type": "track", "event": "Reading", "user_id": "levels[1]", "properties": {"n": "n"}}


@dataclass
class Devices:
    """A connection to the broker, and its runs into the log of the test's database."""

    broker: Mosquitto
    log: EventLog
    connection: Connection
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    stop: threading.Event = field(default_factory=threading.Event)
    ears: list[threading.Thread] = field(default_factory=list)

    def stream(self, topic: str, **changes: object) -> Stream:
        columns = [
            *(column.to_json() for column in ABOUT),
            {"name": "n", "type": DataType.INTEGER, "declared": "", "nullable": True},
        ]
        given = {"topics": f"{topic}/#", "payload": "json", "retained": "take"}
        return Stream.objects.create(**{
            "connection": self.connection, "name": topic, "mode": "incremental", "columns": columns, "key": [],
            "mapping": MAPPING, "settings": given, "created_at": self.now, **changes,
        })  # fmt: skip

    def start(self, stream: Stream) -> ConnectionRun:
        return start_run(stream=stream, cause=RunCause.PERSON, by=BY, now=self.now)

    def send(self, topic: str, first: int, last: int) -> None:
        self.broker.publish([(f"{topic}/d1", json.dumps({"n": number})) for number in range(first, last + 1)])

    def go(self, run: ConnectionRun) -> Outcome:
        outcome = run_connection(run.pk, log=self.log, clock=lambda: self.now, stopping=self.stop.is_set)
        run.refresh_from_db()
        run.stream.refresh_from_db()
        run.stream.connection.refresh_from_db()
        return outcome

    def listen(self, run: ConnectionRun) -> "Ear":
        """Run it in a thread of its own."""
        return Ear(self, run)

    def numbers(self) -> list[int]:
        """Of the distinct messages in the log, as consumers know them."""
        found = {
            (event["message_id"], event["client_time"]): event["properties"]["n"]
            for event in (decode_event(record.value) for record in read_all(self.log))
        }
        return sorted(found.values())


class Ear:
    def __init__(self, devices: Devices, run: ConnectionRun) -> None:
        self._devices, self._run = devices, run
        self._outcomes: list[Outcome] = []
        self._thread = threading.Thread(target=self._listen)
        devices.ears.append(self._thread)
        self._thread.start()

    def wait_for(self, read: int) -> None:
        eventually(
            lambda: ConnectionRun.objects.get(pk=self._run.pk).read,
            until=lambda count: count >= read,
            seconds=LONG_S,
        )

    def ended(self) -> Outcome:
        self._thread.join(LONG_S)
        self._run.refresh_from_db()
        return self._outcomes[0]

    def _listen(self) -> None:
        try:
            self._outcomes.append(self._devices.go(ConnectionRun.objects.get(pk=self._run.pk)))
        finally:
            connections.close_all()


def begin(devices: Devices, stream: Stream, run: ConnectionRun | None = None) -> ConnectionRun:
    """A run that has subscribed, for it has the message that the broker had retained: what is sent from now on is kept for it."""
    devices.broker.publish([(f"{stream.name}/d1", json.dumps({"n": 0}))], retain=True)
    run = run or devices.start(stream)
    ear = devices.listen(run)
    ear.wait_for(1)
    devices.stop.set()
    assert ear.ended() == Outcome.MORE
    devices.stop.clear()
    return run
