"""Records put into a topic of raw events behind the collector's back, on each back end."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from streaming.contracts.records import NewRecord, TopicSpec
from tests.conftest import ROOT, Database
from tests.streaming.bad_input.corpus import Poison, event
from tests.streaming.contract.subject import open_log
from tests.waiting import eventually

TOPIC = "events.order_completed"


class RawInput:
    """A topic of raw events with one partition, and what a consumer made of it."""

    def __init__(self, database: Database, home: Path, address: str) -> None:
        self._database = database
        self._environment = {
            **database.environment, "HEADWATER_HOME": str(home), "EVENT_LOG": address, "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self.log = open_log(database.conninfo if address == "postgres://" else address)

    def create(self) -> None:
        self.log.create_topics([TopicSpec(TOPIC, 1)])

    def append(self, numbers: Sequence[int], poisons: Sequence[Poison] = ()) -> None:
        """Append these good events, each behind a bad record as long as there are any."""
        for place, number in enumerate(numbers):
            bad = [NewRecord(TOPIC, each.key, each.value, (), 0) for each in poisons[place : place + 1]]
            self.log.append([*bad, NewRecord(TOPIC, b"a1", orjson.dumps(event(number)), (), 0)])

    def delete(self) -> None:
        self.log.delete_topic(TOPIC)
        eventually(lambda: TOPIC not in self.log.topics(), "the end of the topic")

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command of manage.py; its exit code, and the last line that it said of errors."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        return done.returncode, (done.stderr.strip().splitlines() or [""])[-1]

    def consume(self, *consumers: str) -> tuple[int, str]:
        return self.run("run_consumers", *(consumers or ("profiles",)), "--until-caught-up")

    def catch_up(self, *consumers: str) -> None:
        code, said = self.consume(*consumers)
        assert code == 0, said

    def rows(self, query: str, *parameters: object) -> list[tuple]:
        with self._database.connect() as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def applied(self) -> set[str]:
        return {row[0] for row in self.rows("SELECT message_id FROM profiles_timeline")}
