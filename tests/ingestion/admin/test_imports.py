"""Imports: uploaded, mapped, started, changed, and their errors given back."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compliance.enums import Category
from compliance.identifiers import pseudonym
from ingestion.models import FileImport, RowError
from streaming.contracts.records import TopicPartition
from streaming.domain.flow.outlook import Kept
from streaming.domain.flow.pace import Pace, Sample
from streaming.domain.flow.samples import Look, Place, store
from tests.ingestion.admin.conftest import NOW

CSV = b"customer_id,date,total\nc-1,2025-03-01,10.50\nc-2,2025-03-02,20.50\n"


@pytest.fixture
def draft(administrator, tmp_path, settings) -> FileImport:
    settings.HEADWATER_HOME = tmp_path
    administrator.post(
        "/admin/imports/new/", {"source": "Orders", "file": SimpleUploadedFile("orders.csv", CSV)}
    )
    return FileImport.objects.get()


@pytest.fixture
def queued(monkeypatch) -> list[int]:
    """The imports that a worker was told of."""
    told: list[int] = []
    monkeypatch.setattr("ingestion.tasks.run_import.delay", lambda *, import_id: told.append(import_id))
    return told


def _form(**changes: str) -> dict[str, str]:
    return {
        "event_type": "track", "event": "Order Completed", "time_zone": "UTC", "time_of_day": "12:00",
        "place-0": "user_id", "kind-0": "text", "place-1": "timestamp", "kind-1": "time",
        "place-2": "properties", "key-2": "total", "kind-2": "number", **changes,
    }  # fmt: skip


def test_an_upload_shows_what_its_rows_become_and_the_look_is_kept(administrator, draft, audited):
    page = administrator.get(f"/admin/imports/{draft.pk}/").content.decode()
    assert "CSV, UTF-8, separated by comma, with a header" in page
    assert "c-1" in page
    assert audited("import.preview")[0].target == f"import:{draft.pk}"
    assert pseudonym("user_id:c-1") in audited("import.preview")[0].subjects


def test_an_upload_without_a_file_or_a_source_says_what_is_missing(administrator):
    page = administrator.post("/admin/imports/new/", {}).content.decode()
    assert "Choose a file" in page
    assert "Say which source" in page


def test_a_file_that_cannot_be_read_is_refused_at_the_field(administrator, tmp_path, settings):
    settings.HEADWATER_HOME = tmp_path
    file = SimpleUploadedFile("book.xlsx", b"PK\x03\x04rest")
    answer = administrator.post("/admin/imports/new/", {"source": "Orders", "file": file})
    assert answer.status_code == 400
    assert "torn or damaged" in answer.content.decode()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_file_that_is_too_large_is_refused_by_the_limit_that_the_page_names(
    administrator, tmp_path, settings
):
    settings.HEADWATER_HOME, settings.MAX_UPLOAD_MB = tmp_path, 1
    assert "up to 1.0\xa0MB" in administrator.get("/admin/imports/new/").content.decode()
    file = SimpleUploadedFile("orders.csv", CSV + b"x" * (1 << 20))
    answer = administrator.post("/admin/imports/new/", {"source": "Orders", "file": file})
    assert answer.status_code == 400
    assert "larger than 1 MB" in answer.content.decode()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_mapping_is_tried_before_it_is_used(administrator, draft):
    wrong = administrator.post(
        f"/admin/imports/{draft.pk}/preview/", _form(**{"place-0": ""})
    ).content.decode()
    assert "No column says who the row is about" in wrong
    right = administrator.post(
        f"/admin/imports/{draft.pk}/preview/", _form(**{"key-2": "sum"})
    ).content.decode()
    assert "sum" in right
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_mapping_that_will_not_do_does_not_start(administrator, draft, queued):
    answer = administrator.post(f"/admin/imports/{draft.pk}/start/", _form(time_zone="Nowhere/At_All"))
    assert answer.status_code == 400
    assert "Nowhere/At_All" in answer.content.decode()
    assert queued == []


def test_an_import_starts_pauses_resumes_and_is_cancelled(administrator, draft, queued, audited):
    address = f"/admin/imports/{draft.pk}/"
    assert administrator.post(f"{address}start/", _form(**{"key-2": "sum"}))["Location"] == address
    for action, state in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        administrator.post(f"{address}{action}/")
        draft.refresh_from_db()
        assert draft.state == state
    assert queued == [draft.pk, draft.pk]
    assert draft.mapping["columns"][2]["target"] == "properties.sum"
    assert len(audited("import.start")) == 1


def test_an_import_says_what_it_waits_for(administrator, draft, queued):
    del queued
    address = f"/admin/imports/{draft.pk}/"
    administrator.post(f"{address}start/", _form())
    assert "It waits for consumers" not in administrator.get(address).content.decode()
    place = Place("profiles", TopicPartition("events.page", 0))
    look = Look(Sample(NOW, 0, 10, 1, NOW), Pace(), Kept(), has_begun=True, used=0.9)
    store({place: look}, NOW)
    said = "what profiles has not read is 90% of what events.page keeps"
    assert said in administrator.get(f"{address}progress/").content.decode()
    administrator.post(f"{address}cancel/")
    assert said not in administrator.get(address).content.decode()


def test_what_an_import_cannot_do_now_is_said(administrator, draft):
    answer = administrator.post(f"/admin/imports/{draft.pk}/resume/", follow=True)
    assert "is waiting for its columns to be mapped by now" in answer.content.decode()
    assert administrator.post(f"/admin/imports/{draft.pk}/explode/").status_code == 404


def test_a_draft_is_discarded_with_its_file(administrator, draft, tmp_path):
    stale = administrator.get(f"/admin/imports/{draft.pk}/")
    assert "discard/" in stale.content.decode()
    FileImport.objects.filter(pk=draft.pk).update(state="running")
    late = administrator.post(f"/admin/imports/{draft.pk}/discard/", follow=True).content.decode()
    assert "is running by now" in late
    assert "nothing of it was imported" not in late
    FileImport.objects.filter(pk=draft.pk).update(state="draft")
    administrator.post(f"/admin/imports/{draft.pk}/discard/")
    assert not FileImport.objects.exists()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_rows_that_were_not_taken_are_given_back_without_formulas_and_that_is_kept(
    administrator, draft, audited
):
    for row, raw in enumerate(["=1+1", "+cmd", "-2", "@SUM(A1)", "plain"], 1):
        RowError.objects.create(file_import=draft, row=row, line=row, reason="not a number", raw=raw)
    FileImport.objects.filter(pk=draft.pk).update(rejected=7, state="done")
    address = f"/admin/imports/{draft.pk}/errors.csv"
    assert address in administrator.get(f"/admin/imports/{draft.pk}/progress/").content.decode()
    answer = administrator.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode())))
    assert [row[3] for row in rows[1:]] == ["'=1+1", "'+cmd", "'-2", "'@SUM(A1)", "plain"]
    (kept,) = audited("import.errors")
    assert (kept.target, kept.detail) == (f"import:{draft.pk}", {"rows": 5, "rejected": 7})
    assert kept.categories == sorted(Category), "nothing is masked in a row"


def test_names_of_files_and_columns_are_escaped(administrator, tmp_path, settings):
    settings.HEADWATER_HOME = tmp_path
    content = b"<script>alert(1)</script>,total\n<b>x</b>,1\n"
    file = SimpleUploadedFile("<script>.csv", content)
    answer = administrator.post("/admin/imports/new/", {"source": "Orders", "file": file}, follow=True)
    assert "<script>alert(1)" not in answer.content.decode()
    assert "<b>x" not in answer.content.decode()


def test_the_list_is_narrowed_by_source_and_state_in_its_address(administrator, draft, source):
    made = {"name": "other.csv", "source": source, "file_hash": "x", "created_at": NOW, "state": "failed"}
    FileImport.objects.create(
        **made, content_bytes=1, format={}, mapping={}, uploaded=False, created_by="ann"
    )
    for query, shown in (
        ({}, {"orders.csv", "other.csv"}), ({"state": "draft"}, {"orders.csv"}), ({"state": "nothing"}, {"orders.csv", "other.csv"}),
        ({"source": source.pk}, {"other.csv"}), ({"source": source.pk, "state": "draft"}, set()),
    ):  # fmt: skip
        page = administrator.get("/admin/imports/", query).content.decode()
        assert {name for name in ("orders.csv", "other.csv") if f">{name}</a>" in page} == shown, query
    assert "None that match." in page
    assert "Import a file" not in page
