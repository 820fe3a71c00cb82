"""Runs of a watched folder into the log: once, whoever kills them; and what is previewed and read again."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.enums import RunCause, RunState
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.connections import create_connection
from ingestion.sources.contract import SourceRefused
from ingestion.sources.looking import look_at
from ingestion.sources.preview import show_preview
from ingestion.sources.proposal import propose
from ingestion.sources.running import run_connection
from ingestion.sources.runs import start_backfill, start_run
from ingestion.sources.streams import Choice, save_stream, selected
from streaming.contracts.events import decode_event
from streaming.event_log import close_event_log, event_log
from tests.ingestion.imports.conftest import read_all
from tests.ingestion.sources.conftest import BY, NOW
from tests.ingestion.sources.files.conftest import table
from tests.ingestion.sources.killing import assert_killed, run_to_be_killed

IDENTIFY = {"type": "identify", "user_id": "id", "traits": {"email": "email"}}
POINTS = (
    "sources.before_append=kill@2",
    "sources.after_append=kill@2",
    "sources.after_commit=kill@2",
    "files.fetched=kill@2",
    "files.before_move=kill",
    "files.after_move=kill",
    "sources.before_end=kill",
)
ROWS = 60


@dataclass
class Watched:
    """A watched folder and the streams that are read of it."""

    folder: Path
    connection: Connection
    now: datetime = field(default=NOW)

    def put(self, name: str, content: str, *, at: str = "") -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        os.utime(path, (datetime.fromisoformat(at).timestamp() if at else time.time() - 1000,) * 2)

    def stream(self, pattern: str, **settings: str) -> Stream:
        looked = look_at(
            connection=self.connection, name=pattern, typed={"pattern": pattern, **settings}, by=BY
        )
        choice = Choice(
            columns=[column.name for column in looked.info.columns], key=(), mapping=IDENTIFY, settings=looked.settings
        )  # fmt: skip
        return save_stream(
            connection=self.connection, stream=None, info=looked.info, choice=choice, by=BY, now=self.now
        )

    def start(self, stream: Stream) -> ConnectionRun:
        stream.refresh_from_db()
        return start_run(stream=stream, cause=RunCause.PERSON, by=BY, now=self.now)

    def go(self, run: ConnectionRun) -> ConnectionRun:
        assert run_connection(run.pk, log=event_log(), clock=lambda: self.now) == Outcome.ENDED
        run.refresh_from_db()
        return run

    def run(self, stream: Stream) -> ConnectionRun:
        return self.go(self.start(stream))

    def users(self) -> list[int]:
        """Whom messages are about, each message once, as consumers take them."""
        events = [decode_event(record.value) for record in read_all(event_log())]
        once = {(event["user_id"], event["message_id"], event["client_time"]) for event in events}
        return sorted(int(user or 0) for user, *_ in once)


def connection(folder: Path, name: str = "Files") -> Connection:
    return create_connection(
        name=name, kind="folder", source="Shop", typed={"folder": str(folder)}, by=BY, now=NOW
    )


@pytest.fixture
def watched(fresh_database: Any, settings: Any, tmp_path: Path) -> Iterator[Watched]:
    folder = tmp_path / "incoming"
    folder.mkdir()
    settings.WATCHED_FOLDERS = [str(folder)]
    yield Watched(folder, connection(folder))
    close_event_log()


def test_files_become_events_and_a_backfill_after_changes_doubles_nothing(watched):
    watched.put("orders/a.csv", table(1, 3))
    stream = watched.stream("orders/*.csv")
    assert watched.run(stream).accepted == 3
    watched.put("orders/a.csv", table(1, 2) + "3,new@example.com,9\n,y,\n")
    second = watched.run(stream)
    assert (second.accepted, second.rejected) == (3, 1)
    [error] = second.row_errors.all()
    assert '"_file":"orders/a.csv","_row":4' in error.raw
    users = watched.users()
    assert users == [1, 2, 3, 3], "what did not change is the same message"
    backfill = start_backfill(stream=Stream.objects.get(), begin="2020-01-01", by=BY, now=NOW)
    watched.go(backfill)
    assert watched.users() == users
    assert watched.run(stream).read == 0
    assert Stream.objects.get().is_whole


def test_what_is_new_in_the_columns_is_told_and_what_is_missing_stops_nothing(watched):
    watched.put("orders/a.csv", table(1, 1))
    stream = watched.stream("orders/*.csv")
    watched.run(stream)
    watched.put("orders/b.csv", "id,phone\n2,0123\n")
    run = watched.run(stream)
    assert (run.state, run.accepted) == (RunState.DONE, 1)
    assert "column phone is new (text) and not read" in run.notes
    assert "Has no column email, which is empty there: orders/b.csv" in run.notes
    for name in ("a", "b"):
        (watched.folder / f"orders/{name}.csv").unlink()
    assert watched.run(stream).state == RunState.DONE, "nothing there is no change of the columns"


def test_the_first_rows_are_shown_without_a_copy_of_the_file(watched, tmp_path, settings):
    settings.HEADWATER_HOME = tmp_path / "home"
    watched.put("customers/a.csv", table(1, 40_000).replace("total", "plan", 1))
    looked = look_at(connection=watched.connection, name="customers", typed={"pattern": "customers/*"}, by=BY)
    choice = propose(looked.info)
    assert choice.mapping == {
        "type": "identify",
        "user_id": "id",
        "traits": {"email": "email", "plan": "plan"},
    }
    shown = show_preview(
        BY, connection=watched.connection, selection=selected(choice, looked.info), mapping=choice.mapping, now=NOW,
        stream=looked.settings,
    )  # fmt: skip
    assert [row.row.number for row in shown] == list(range(1, 11))
    assert list((tmp_path / "home/fetched").iterdir()) == []
    with pytest.raises(SourceRefused, match="such as orders/"):
        look_at(connection=watched.connection, name="x", typed={"pattern": "/etc/*"}, by=BY)


@pytest.mark.fault
def test_a_run_that_is_killed_anywhere_is_finished_by_another_process(watched, fresh_database):
    runs = {}
    for number, point in enumerate(POINTS):
        first = number * 1000
        watched.put(f"{number}/a.csv", table(first, first + 39))
        watched.put(f"{number}/b.csv", table(first + 40, first + 49))
        watched.put(f"{number}/c.csv", table(first + 50, first + 59))
        watched.connection = connection(watched.folder, f"Files {number}")  # of one, runs take turns
        run = watched.start(watched.stream(f"{number}/*.csv", after="move"))
        ConnectionRun.objects.filter(pk=run.pk).update(rows_per_second=25)  # several batches, each of so many
        runs[point] = run
    assert_killed(run_to_be_killed(fresh_database, runs, WATCHED_FOLDERS=str(watched.folder)), 300)
    for number, run in enumerate(runs.values()):
        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        ConnectionRun.objects.filter(pk=run.pk).update(
            lease_until=datetime(2020, 1, 1, tzinfo=UTC), rows_per_second=None
        )
        assert watched.go(run).state == RunState.DONE
        assert watched.run(run.stream).read == 0
        assert len(list((watched.folder / f"{number}/done").iterdir())) == 3, "all are moved, once"
    expected = [number * 1000 + row for number in range(len(POINTS)) for row in range(ROWS)]
    assert watched.users() == expected
