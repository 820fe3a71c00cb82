"""The page of a stream of files: old files are read again from it, at a rate, and what is typed wrong is said."""

import os

import pytest

from ingestion.models import Connection, ConnectionRun, Stream
from tests.ingestion.admin.test_connections import queued  # noqa: F401 -- a fixture

MAPPING = '{"type": "identify", "user_id": "id", "traits": {"email": "email"}}'


@pytest.fixture
def stream(administrator, settings, tmp_path) -> Stream:
    folder = tmp_path / "incoming"
    folder.mkdir()
    settings.WATCHED_FOLDERS, settings.HEADWATER_HOME = [str(folder)], tmp_path / "home"
    (folder / "a.csv").write_text("id,email\n1,jane@example.com\n")
    os.utime(folder / "a.csv", (1_760_000_000,) * 2)
    form = {"kind": "folder", "name": "Drop box", "source": "Drop box", "folder": str(folder)}
    administrator.post("/admin/connections/new/", form)
    made = {
        "stream": "people", "its_pattern": "*.csv", "its_growth": "whole", "its_settle": "10", "its_header": "auto",
        "its_after": "leave", "every": "", "column": ["id", "email"], "mapping": MAPPING,
    }  # fmt: skip
    answer = administrator.post(f"/admin/connections/{Connection.objects.get().pk}/streams/new/", made)
    assert answer.status_code == 302, answer.content.decode()
    return Stream.objects.get()


def test_files_of_a_time_are_read_again_from_the_page(administrator, stream, queued):  # noqa: F811
    address = f"/admin/connections/streams/{stream.pk}/"
    page = administrator.get(address).content.decode()
    assert "Files changed since" in page
    assert "Start the backfill" in page
    form = {"begin": "2025-10-01 06:30", "end": "2025-11-01", "rate": "100"}
    answer = administrator.post(f"{address}backfill/", form)
    run = ConnectionRun.objects.get()
    assert answer.url == f"/admin/connections/runs/{run.pk}/"
    assert queued == [run.pk]
    position = run.position or {}
    assert (run.cause, run.rows_per_second, position["again"]) == ("backfill", 100, True)
    assert position["until"] - position["cursor"] == (30 * 86400 + 17.5 * 3600) * 1_000_000
    progress = administrator.get(f"/admin/connections/runs/{run.pk}/progress/").content.decode()
    assert f"/admin/connections/runs/{run.pk}/cancel/" in progress
    administrator.post(f"/admin/connections/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == "cancelled"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"rate": "fast"}, "is a whole number, not"),
        ({"rate": "0"}, "A rate is 1 to"),
        ({"begin": "yesterday"}, "is no time: write it like 2026-01-05"),
        ({"begin": "2025-11-01", "end": "2025-10-01"}, "The end lies before the beginning"),
    ],
)
def test_what_is_typed_wrong_is_said_and_nothing_begins(administrator, stream, typed, why):
    told = administrator.post(f"/admin/connections/streams/{stream.pk}/backfill/", typed, follow=True)
    assert why in told.content.decode()
    assert not ConnectionRun.objects.exists()
