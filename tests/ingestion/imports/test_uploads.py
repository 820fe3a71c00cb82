"""Uploaded files go once nobody needs them, and drafts with their files when they are discarded."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import ActorKind
from compliance.models import AuditEntry
from ingestion.enums import ImportState
from ingestion.imports.jobs import ImportConflict, discard_draft
from ingestion.imports.storage import fresh_place
from ingestion.imports.uploads import delete_old_uploads, receive_upload
from ingestion.models import FileImport
from tests.ingestion.admin.conftest import BY, source  # noqa: F401 -- fixture

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CSV = b"customer_id,total\nc-1,10.50\n"


@pytest.fixture(autouse=True)
def own_home(settings, tmp_path):
    settings.HEADWATER_HOME = tmp_path


def _uploaded(source, **changes) -> FileImport:  # noqa: F811
    made = receive_upload(chunks=[CSV], name="orders.csv", source=source, by=BY, now=NOW)
    FileImport.objects.filter(pk=made.pk).update(**changes)
    return made


def _left_over(age: timedelta) -> Path:
    path = fresh_place()
    path.write_bytes(CSV)
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_files_go_a_day_after_their_import_and_those_of_no_import_after_a_day(
    source,  # noqa: F811
    django_assert_max_num_queries,
):
    running = _uploaded(source, state=ImportState.RUNNING)
    ended = _uploaded(source, state=ImportState.DONE, ended_at=NOW - DAY / 2)
    gone = [_uploaded(source, state=ImportState.DONE, ended_at=NOW - 2 * DAY) for _ in range(3)]
    draft = _uploaded(source, created_at=NOW - DAY / 2)
    forgotten = _uploaded(source, created_at=NOW - 2 * DAY)
    fresh, old = _left_over(DAY / 2), _left_over(2 * DAY)
    with django_assert_max_num_queries(3):
        assert delete_old_uploads(now=NOW) == 5
    assert fresh.exists()
    assert not old.exists()
    kept = {each.pk for each in FileImport.objects.all() if Path(each.path).exists()}
    assert kept == {running.pk, ended.pk, draft.pk}
    told = set(FileImport.objects.filter(file_deleted_at=NOW).values_list("pk", flat=True))
    assert told == {*(each.pk for each in gone), forgotten.pk}
    assert delete_old_uploads(now=NOW) == 0


def test_a_draft_is_discarded_with_its_file_and_that_is_kept(source):  # noqa: F811
    draft = _uploaded(source)
    with pytest.raises(AccessDenied):
        discard_draft(file_import=draft, by=Actor(ActorKind.STAFF, "mia"))
    discard_draft(file_import=draft, by=BY)
    assert not Path(draft.path).exists()
    assert not FileImport.objects.exists()
    with pytest.raises(ImportConflict, match="is discarded by now"):
        discard_draft(file_import=draft, by=BY)
    (kept,) = AuditEntry.objects.filter(action="import.discard")
    assert (kept.target, kept.detail["name"]) == (f"import:{draft.pk}", "orders.csv")


def test_what_was_started_is_not_discarded(source):  # noqa: F811
    running = _uploaded(source, state=ImportState.RUNNING)
    with pytest.raises(ImportConflict, match="is running by now"):
        discard_draft(file_import=running, by=BY)
    assert Path(running.path).exists()
    assert FileImport.objects.filter(pk=running.pk).exists()
    assert not AuditEntry.objects.filter(action="import.discard").exists()
