"""The trail as a file: complete, safe in a spreadsheet, with a hash that the trail keeps too."""

import csv
import io
import json
from hashlib import sha256
from uuid import uuid4

import pytest

from compliance.access import AccessDenied
from compliance.actors import NOBODY, Actor
from compliance.audit import record_read
from compliance.domain.trail import exporting
from compliance.domain.trail.exporting import export_trail
from compliance.domain.trail.searching import Search
from compliance.enums import ActorKind, Category
from compliance.identifiers import pseudonym
from compliance.models import AuditEntry
from tests.compliance.conftest import NOW, SYSTEM

pytestmark = pytest.mark.django_db
EVIL = Actor(ActorKind.TOKEN, "=cmd|'/c calc'!A1", purpose="marketing")


def export(form: str, **criteria) -> tuple[bytes, exporting.TrailFile]:
    file = export_trail(
        SYSTEM, Search(**criteria), form=form, told=lambda row: f"{row.actor} did {row.action}", now=NOW
    )
    with file.content:
        return file.content.read(), file


def test_json_lines_with_hash(monkeypatch):
    monkeypatch.setattr(exporting, "MAX_PAGE", 2)
    for number in range(5):
        record_read(EVIL, action="person.read", categories=[Category.CONTACT], detail={"number": number})
    content, file = export("jsonl", action="person")
    lines = [json.loads(line) for line in content.splitlines()]
    assert [line["detail"]["number"] for line in lines] == [4, 3, 2, 1, 0]
    assert lines[0]["told"] == f"{EVIL.name} did person.read"
    assert lines[0]["categories"] == ["contact"]
    assert lines[0]["purpose"] == "marketing"
    assert (file.rows, file.is_cut, file.sha256) == (5, False, sha256(content).hexdigest())
    kept = AuditEntry.objects.get(action="audit.export").detail
    assert kept == {"action": "person", "form": "jsonl", "rows": 5, "sha256": file.sha256, "cut": False}


def test_no_cell_is_a_formula():
    record_read(EVIL, action="person.read")
    content, file = export("csv")
    [row] = csv.DictReader(io.StringIO(content.decode()))
    assert row["actor"] == f"'{EVIL.name}"
    assert row["action"] == "person.read"
    assert file.rows == 1


def test_the_number_of_rows_is_bounded_and_that_is_said(monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    for _ in range(5):
        record_read(EVIL, action="person.read")
    content, file = export("jsonl")
    assert len(content.splitlines()) == file.rows == 3
    assert file.is_cut
    assert AuditEntry.objects.get(action="audit.export").detail["cut"] is True


def test_looking_ends_in_time_and_says_that_older_rows_were_not_looked_at(monkeypatch):
    monkeypatch.setattr(exporting, "MAX_PAGE", 2)
    monkeypatch.setattr(exporting, "LONGEST_S", -1.0)
    for _ in range(5):
        record_read(EVIL, action="person.read")
    _, file = export("jsonl", action="person")
    assert (file.rows, file.is_cut) == (2, True)
    monkeypatch.setattr(exporting, "MAX_PAGE", 10)
    _, file = export("jsonl", action="person")
    assert (file.rows, file.is_cut) == (5, False), "what was looked through to its end is whole"


def test_who_is_looked_for_stands_in_the_row_of_the_export():
    person = uuid4()
    record_read(EVIL, action="person.read", subjects=[person])
    _, file = export("jsonl", person=str(person))
    assert file.rows == 1
    assert AuditEntry.objects.get(action="audit.export").subjects == [pseudonym(person)]


def test_who_may_not_read_the_trail_exports_nothing():
    with pytest.raises(AccessDenied):
        export_trail(NOBODY, Search(), form="csv", told=str, now=NOW)
    with pytest.raises(ValueError, match="csv, jsonl"):
        export("xml")
