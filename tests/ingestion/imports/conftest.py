"""Files to import, and the runs that import them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from compliance.access import Actor
from ingestion.domain.sources import source_named
from ingestion.imports.columns import Mapping
from ingestion.imports.jobs import draft_import, start_import
from ingestion.imports.running import Outcome, run_import
from ingestion.models import FileImport, Source
from streaming.contracts.events import WireEvent, decode_event, encode_event
from streaming.contracts.log import EventLog
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.conftest import Database
from tests.profiles.builder.driver import event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("test")

MakeFile = Callable[..., Path]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    def make(content: bytes | str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@dataclass
class Imports:
    """Imports files into the log of the test's database."""

    log: EventLog
    source: Source
    now: datetime = field(default=NOW)

    def draft(self, path: Path, source: Source | None = None) -> FileImport:
        return draft_import(path=path, name=path.name, source=source or self.source, by=BY, now=self.now)

    def start(self, path: Path, mapping: Mapping | None = None, **options: Any) -> FileImport:
        drafted = self.draft(path)
        chosen = mapping or Mapping.from_json(drafted.mapping)
        start_import(file_import=drafted, mapping=chosen, by=BY, **options)
        return drafted

    def run(self, path: Path, mapping: Mapping | None = None, **options: Any) -> FileImport:
        return self.finish(self.start(path, mapping, **options))

    def finish(self, file_import: FileImport) -> FileImport:
        assert run_import(file_import.pk, log=self.log, clock=lambda: self.now) == Outcome.ENDED
        file_import.refresh_from_db()
        return file_import

    def events(self) -> list[WireEvent]:
        """All events in the log, those of one partition in order."""
        return [decode_event(record.value) for record in read_all(self.log)]


def read_all(log: EventLog) -> list:
    partitions = [
        TopicPartition(topic, partition)
        for topic, count in log.topics().items()
        if topic.startswith("events.")
        for partition in range(count)
    ]
    bounds = log.bounds(partitions)
    reader = log.reader()
    try:
        reader.assign({partition: bounds[partition].start for partition in partitions})
        records = []
        while any(reader.positions()[place] < bounds[place].end for place in partitions):
            records += reader.poll(5000, 0.2)
        return records
    finally:
        reader.close()


@pytest.fixture
def imports(fresh_database) -> Iterator[Imports]:
    yield Imports(event_log(), source_named(name="Files", by=BY, now=NOW))
    close_event_log()


def fall_behind(database: Database, log: EventLog) -> None:
    """Have the profile builder stand at the start of a topic that keeps an hour."""
    topic = "events.page"
    log.create_topics([TopicSpec(topic, 1, retention_seconds=3600)])
    log.append([NewRecord(topic, b"k", encode_event(event("page")), partition=0)])
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO consumer_position (consumer, topic, partition, next_offset, log_identity, began_at)"
            " VALUES ('profiles', %s, 0, 0, %s, 0)",
            [topic, log.identity(topic)],
        )


def catch_up(database: Database) -> None:
    """Have the profile builder read all there is."""
    with database.connect() as connection:
        connection.execute("UPDATE consumer_position SET next_offset = 1000000")
