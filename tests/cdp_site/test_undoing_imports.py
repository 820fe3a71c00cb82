"""Undoing an import, from its page to people and back: with the ledger of files, the log, and a worker that is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from ingestion.domain.sources import source_named
from ingestion.imports.columns import Mapping
from ingestion.imports.jobs import ImportConflict, draft_import, start_import
from ingestion.imports.running import Outcome, run_import
from ingestion.imports.undoing import undo_import
from ingestion.imports.undone import undoing_of
from profiles.models import Profile, TimelineEvent, Undo
from profiles.undoing.running import undo_step
from streaming.contracts.combined import BEHAVIOUR_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.ingestion.imports.conftest import read_all
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, builder, person_of  # noqa: F401 -- fixture

ROOT = Path(__file__).resolve().parents[2]
FILE = "user_id,email,city\n" + "".join(f"{n},p{n}@example.com,York\n" for n in range(1, 9))


@pytest.fixture
def log(fresh_database):
    log = event_log()
    log.create_topics(
        [TopicSpec(name, 1) for name in (CHANGES_TOPIC, SESSIONS_TOPIC, SOCIAL_TOPIC, BEHAVIOUR_TOPIC)]
    )
    yield log
    close_event_log()


@pytest.fixture
def imported(log, builder, tmp_path):  # noqa: F811 -- fixture
    """Makes and runs an import of FILE, and has the builder read it."""
    builder.now = timezone.now()
    source = source_named(name="Files", by=ALL, now=builder.now)
    path = tmp_path / "people.csv"
    path.write_text(FILE)

    def run(**choices):
        drafted = draft_import(path=path, name="people.csv", source=source, by=ALL, now=timezone.now())
        start_import(file_import=drafted, mapping=Mapping.from_json(drafted.mapping), by=ALL, **choices)
        assert run_import(drafted.pk, log=log, clock=timezone.now) == Outcome.ENDED
        drafted.refresh_from_db()
        builder.process([record for record in read_all(log) if record.topic.startswith("events.")])
        return drafted

    return run


def finish():
    while undo_step(now=timezone.now()):
        pass


def test_an_undone_file_can_go_in_again_and_its_rows_are_all_taken(builder, imported):  # noqa: F811 -- fixture
    first = imported()
    assert Profile.objects.count() == 8
    undo_import(file_import=first, by=ALL, now=timezone.now())
    with pytest.raises(ImportConflict, match="is being undone"):
        imported()
    finish()
    assert (Profile.objects.count(), TimelineEvent.objects.count()) == (0, 0)
    undone = undoing_of(first.pk)
    assert undone is not None
    assert (undone.state, undone.events, undone.people) == ("done", 8, 8)
    with pytest.raises(ImportConflict, match="undone already"):
        undo_import(file_import=first, by=ALL, now=timezone.now())
    second = imported()
    assert (second.accepted, second.repeated) == (8, 0)
    assert Profile.objects.count() == 8
    third = imported(again=True)
    assert (third.accepted, third.repeated) == (0, 8)


def test_what_others_know_of_the_same_people_stays(builder, imported):  # noqa: F811 -- fixture
    builder.send(
        event("identify", user_id="3", traits={"city": "Leeds"}, received_at="2026-03-01T12:00:00.000000Z")
    )
    first = imported()
    assert person_of("user_id", "3").traits["city"] == "York"
    undo_import(file_import=first, by=ALL, now=timezone.now())
    finish()
    assert person_of("user_id", "3").traits == {"city": "Leeds"}
    assert Profile.objects.count() == 1


@pytest.mark.parametrize("point", ["undo.before_commit", "undo.after_step"])
def test_a_worker_that_is_killed_with_sigkill_costs_a_step(fresh_database, builder, imported, point):  # noqa: F811 -- fixture
    first = imported()
    undo_import(file_import=first, by=ALL, now=timezone.now())
    code = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from profiles.undoing.running import undo_step\n"
        "while undo_step(now=timezone.now()): pass\n"
    )
    environment = {
        **fresh_database.environment,
        "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "HEADWATER_FAILPOINTS": f"{point}=kill@3",
    }
    died = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **environment}, timeout=120, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert Undo.objects.get().state == "running"
    finish()
    assert Undo.objects.get().state == "done"
    assert (Profile.objects.count(), TimelineEvent.objects.count()) == (0, 0)
