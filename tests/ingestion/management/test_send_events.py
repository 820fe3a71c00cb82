"""`manage.py send_events FILE`: everything is in once, however often it is killed and begun again."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from ingestion.enums import ImportState
from ingestion.management.commands import send_events
from ingestion.models import FileImport, ImportedFile
from streaming.event_log import close_event_log, event_log
from tests.ingestion.imports.conftest import catch_up, fall_behind, read_all

ROOT = Path(__file__).resolve().parents[3]
CALLS = [
    {"type": "identify", "userId": "1", "traits": {"email": "anna@example.com"}},
    {"type": "track", "event": "Order Completed", "userId": "1", "messageId": "m1"},
    {"type": "track", "userId": "1"},
]


@pytest.fixture
def sent(fresh_database):
    """What is in the log: the message ids."""
    yield lambda: sorted(json.loads(record.value)["message_id"] for record in read_all(event_log()))
    close_event_log()


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    path = tmp_path / "calls.jsonl"
    path.write_text("".join(json.dumps(call) + "\n" for call in CALLS))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    call_command("send_events", *map(str, arguments))
    return capsys.readouterr().out


def test_a_file_of_segment_calls(sent, calls, capsys):
    said = run(capsys, calls)
    assert "import 1: calls.jsonl into Files" in said
    assert "import 1 is done: 3 rows, 2 taken, 1 rejected, 0 suppressed, 0 were in before" in said
    assert "row 3 (line 3): a track needs the name of what happened in `event`" in said
    assert len(sent()) == 2
    again = run(capsys, calls)
    assert "0 taken, 1 rejected, 0 suppressed, 2 were in before" in again
    assert len(sent()) == 2


def test_a_table_with_a_mapping(sent, tmp_path, capsys):
    path = tmp_path / "orders.csv"
    path.write_text("customer,amount\n7,9.5\n8,12\n")
    shown = json.loads(run(capsys, path, "--event", "Order Completed", "--show-mapping"))
    assert not FileImport.objects.exists()
    shown["columns"][0]["target"] = "user_id"
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(shown))
    said = run(capsys, path, "--mapping", mapping, "--source", "Till")
    assert "each row is: track Order Completed" in said
    assert "customer -> user_id" in said
    assert "2 taken" in said
    assert FileImport.objects.get().source.name == "Till"


def test_it_says_what_it_waits_for_and_goes_on(sent, calls, capsys, fresh_database, monkeypatch):
    fall_behind(fresh_database, event_log())
    with fresh_database.connect() as connection:
        connection.execute("UPDATE log_record SET appended_at = now() - interval '55 minutes'")

    def pause(_seconds: float) -> None:
        catch_up(fresh_database)

    monkeypatch.setattr(send_events, "time", SimpleNamespace(sleep=pause))
    said = run(capsys, calls)
    assert said.count("waits for consumers to catch up: what profiles has not read is 92%") == 1
    assert "import 1 is done: 3 rows, 2 taken" in said
    assert len(sent()) == 3  # with the one that had not been read


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"", (), "empty"), (b"a,b\n1,2\n", ("--mapping", "/nowhere.json"), "nowhere.json cannot be read"),
        (b"\x00\x01\x02\x03" * 100, (), "no column says who"), (None, (), "No such file"),
    ],
    ids=["empty", "no mapping", "binary", "no file"],
)  # fmt: skip
def test_what_cannot_be_imported_is_said_and_leaves_nothing(sent, tmp_path, content, arguments, message):
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=message):
        call_command("send_events", str(path), *arguments)
    assert sent() == []
    assert not FileImport.objects.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING]).exists()


def command(database, path: Path, home: Path, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "send_events", str(path)],
        cwd=ROOT, env={**database.environment, "HEADWATER_HOME": str(home), **extra}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.fault
@pytest.mark.parametrize("step", ["imports.before_append", "imports.after_append", "imports.after_commit"])
def test_killed_between_any_two_steps_the_same_command_goes_on(fresh_database, sent, tmp_path, step):
    rows = 30_000
    path = tmp_path / "people.csv"
    path.write_text(
        "user_id,plan\n" + "".join(f"{number},{'a plan to fill the row ' * 4}\n" for number in range(rows))
    )
    for number in (1, 2):
        killed = command(fresh_database, path, tmp_path, HEADWATER_FAILPOINTS=f"{step}=kill@{number}")
        killed.communicate(timeout=60)
        assert killed.returncode == -signal.SIGKILL
        with fresh_database.connect() as connection:  # nobody waits for the lease of the dead in a test
            connection.execute("UPDATE ingestion_fileimport SET lease_until = now() - interval '1 second'")
    done = command(fresh_database, path, tmp_path)
    said, _ = done.communicate(timeout=90)
    assert done.returncode == 0, said
    ids = sent()
    assert len(set(ids)) == rows, "every row is in"
    assert len(ids) - rows <= 2 * 10_000, (
        "and no more than the blocks under way were sent again, with the same ids"
    )
    [imported] = FileImport.objects.all()
    assert (imported.state, imported.row, imported.accepted) == (ImportState.DONE, rows, rows)
    assert ImportedFile.objects.get().rows_done == rows


@pytest.mark.fault
def test_interrupted_with_ctrl_c_it_goes_on_at_once(fresh_database, sent, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("user_id\n" + "".join(f"{number}\n" for number in range(60_000)))
    process = command(fresh_database, path, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    done = command(fresh_database, path, tmp_path)
    said, _ = done.communicate(timeout=90)
    assert done.returncode == 0, said
    assert len(set(sent())) == 60_000
