"""`manage.py drain_spool`: the events of a host that died are in the log, and nobody waits for it any more."""

import time
from datetime import timedelta

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ingestion.domain.spools import waiting_in_spools
from ingestion.models import CollectorProcess
from ingestion.spool.spool import Spool
from streaming.contracts.records import NewRecord
from streaming.event_log import close_event_log
from tests.ingestion.collector.serving import LogView

PROCESS = "web-1-77-abc"


@pytest.fixture(autouse=True)
def _own_log(fresh_database):
    yield
    close_event_log()


@pytest.fixture
def estate(tmp_path):
    """The home of a host that died with five events in its spool."""
    spool = Spool(tmp_path / "spool", PROCESS, limit=10**9)
    events = [
        NewRecord("events.gone", b"k", orjson.dumps({"message_id": f"m{number}"})) for number in range(5)
    ]
    spool.append(events, time.time() - 60).result(10)
    spool.close()
    return tmp_path


def alive(seconds_ago: float, *, name: str = PROCESS, host: str = "web-1", spooled: int = 5) -> None:
    seen = timezone.now() - timedelta(seconds=seconds_ago)
    CollectorProcess.objects.create(
        name=name,
        host=host,
        pid=77,
        started_at=seen,
        heartbeat_at=seen,
        spooled_records=spooled,
        oldest_spooled_at=seen if spooled else None,
    )


def log_of(database) -> list[str]:
    view = LogView(database.conninfo)
    try:
        return view.message_ids()
    finally:
        view.close()


def test_it_brings_the_events_into_the_log_and_says_so(estate, fresh_database, capsys):
    alive(60)
    alive(60, name="web-1-78-def", spooled=0)  # another process of the host, which left nothing
    assert waiting_in_spools(timezone.now())
    call_command("drain_spool", str(estate))
    said = capsys.readouterr().out
    assert "5 events of 1 segments are in the log." in said
    assert "Nobody waits for web-1 any more." in said
    assert sorted(log_of(fresh_database)) == [f"m{number}" for number in range(5)], "in events.other"
    assert waiting_in_spools(timezone.now()) == []


def test_half_a_copy_leaves_the_other_half_waited_for_until_the_host_is_named(estate, fresh_database, capsys):
    alive(60)
    alive(60, name="web-1-78-def", spooled=7)
    with pytest.raises(CommandError, match=r"web-1-78-def: 7 events[\s\S]*--host"):
        call_command("drain_spool", str(estate))
    assert len(log_of(fresh_database)) == 5, "what is here is in the log"
    assert [waiting.records for waiting in waiting_in_spools(timezone.now())] == [7]
    call_command("drain_spool", str(estate), "--host", "web-1")
    assert "Nobody waits for web-1 any more." in capsys.readouterr().out
    assert waiting_in_spools(timezone.now()) == []


def test_a_host_that_lives_is_refused_unless_it_is_said_to_be_dead(estate, fresh_database):
    alive(3)
    with pytest.raises(CommandError, match="web-1 lives: its collector web-1-77-abc gave a sign of life"):
        call_command("drain_spool", str(estate))
    assert log_of(fresh_database) == []
    call_command("drain_spool", str(estate), "--although-alive")
    assert len(log_of(fresh_database)) == 5


def test_a_running_process_here_is_refused_whatever_is_said(estate):
    running = Spool(estate / "spool", "web-1-99-fff", limit=10**9)
    running.append([NewRecord("events.other", b"k", b"1")], time.time()).result(10)
    with pytest.raises(CommandError, match="belongs to a web process that runs on this machine"):
        call_command("drain_spool", str(estate), "--although-alive")
    running.close()


def test_a_spool_older_than_the_window_is_refused_and_named(estate, fresh_database, settings):
    alive(600)
    settings.SPOOL_WINDOW_DAYS = 0
    with pytest.raises(CommandError, match=r"(?s)older than the 0 days.*web-1-77-abc/000000000001\.spool"):
        call_command("drain_spool", str(estate))
    assert log_of(fresh_database) == []
    assert waiting_in_spools(timezone.now()), "its events are still missing"


def test_a_directory_that_cannot_be_changed_is_said(estate):
    alive(600)
    (process,) = (estate / "spool").iterdir()
    (process / "lock").unlink()
    (process / "lock").mkdir()
    with pytest.raises(CommandError, match=r"web-1-77-abc/lock: Is a directory; .* name the copy"):
        call_command("drain_spool", str(estate))


def test_a_host_that_left_nothing_is_named(tmp_path, capsys):
    alive(60, name="web-2-1-a", host="web-2")
    (tmp_path / "spool").mkdir()
    with pytest.raises(CommandError, match=r"nothing waits in .*name it with --host"):
        call_command("drain_spool", str(tmp_path))
    call_command("drain_spool", str(tmp_path), "--host", "web-2")
    assert waiting_in_spools(timezone.now()) == []


def test_a_directory_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        call_command("drain_spool", str(tmp_path / "nowhere"))
