"""The consumer of rejections, run by the real runtime on what a collector wrote."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from compliance.access import Actor
from ingestion.domain.events import Envelope, ItemRejected, rejection_record
from ingestion.domain.sources import create_source
from ingestion.models import Rejection
from streaming.contracts.events import REJECTIONS_TOPIC
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.event_log import close_event_log, event_log
from streaming.models import DeadLetter

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def catch_up(database, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "run_consumers", "rejections", "--until-caught-up"],
        cwd=ROOT, env={**database.environment, "HEADWATER_HOME": str(home)}, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_rejections_become_rows_and_what_is_none_becomes_a_dead_letter(fresh_database, tmp_path):
    source = create_source(name="web", by=Actor.system("test"), now=NOW)
    envelope = Envelope(source_id=source.pk, received_at=NOW)
    log = event_log()
    log.create_topics([TopicSpec(REJECTIONS_TOPIC, 1)])
    good = [rejection_record({"n": n}, ItemRejected("bad", "it is bad"), envelope) for n in range(200)]
    broken = NewRecord(REJECTIONS_TOPIC, b"x", b"{}")
    log.append([*good[:100], broken, *good[100:]])
    log.append(good[:50])  # once more, out of the spool
    close_event_log()
    catch_up(fresh_database, tmp_path)
    catch_up(fresh_database, tmp_path)
    kept = Rejection.objects.order_by("id").values_list("raw", "code", "source_id")
    assert [(orjson.loads(raw)["n"], code, of) for raw, code, of in kept] == [
        (n, "bad", source.pk) for n in range(200)
    ]
    letter = DeadLetter.objects.get()
    assert letter.offset == 100
    assert "not a rejection as collectors write it" in letter.reason
