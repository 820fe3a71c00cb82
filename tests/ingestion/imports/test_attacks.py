"""Files that are meant to do harm: attacks 55 to 65 of the list, each against every kind of file that it fits."""

import gzip
import re
import subprocess
import zipfile

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from ingestion.enums import ImportState
from ingestion.imports import workbook_child, workbooks
from ingestion.imports.content import fingerprint
from ingestion.imports.detection import detect_format
from ingestion.imports.formats import UnreadableFile
from ingestion.imports.jobs import FileKnown
from ingestion.imports.opening import open_file
from ingestion.imports.reading import read_blocks
from ingestion.imports.row_errors import errors_as_csv
from ingestion.imports.rows import Position
from ingestion.imports.storage import uploads_directory

SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}<worksheet xmlns="http://schemas.openxmlformats.org/'
    'spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
)
_WORD = '<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.HEADWATER_HOME = tmp_path / "home"


@pytest.fixture
def forge(tmp_path):
    """A spreadsheet whose sheet is this XML, with these other files in the archive."""

    def made(sheet, extra=(), name="forged.xlsx"):
        book = openpyxl.Workbook()
        book.active.append(["id"])
        book.save(tmp_path / "plain.xlsx")
        path = tmp_path / name
        with (
            zipfile.ZipFile(tmp_path / "plain.xlsx") as old,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in old.infolist():
                content = old.read(part)
                new.writestr(part.filename, sheet if part.filename.endswith("sheet1.xml") else content)
            for entry, content in extra:
                new.writestr(entry, content)
        return path

    return made


def cells(*words, row=1):
    letters = "ABCDEFGH"
    inner = "".join(_WORD.format(place=f"{letters[i]}{row}", text=word) for i, word in enumerate(words))
    return f'<row r="{row}">{inner}</row>'


def values(path):
    opened = open_file(path)
    blocks = list(read_blocks(opened.path, opened.format, Position()))
    return [row.values for block in blocks for row in block.rows], [
        bad for block in blocks for bad in block.bad
    ]


def nothing_is_left():
    assert not uploads_directory().exists() or list(uploads_directory().iterdir()) == []


def test_55_a_gzip_bomb_ends_where_it_grows(make_file):
    path = make_file(gzip.compress(b"a" * (300 << 20), 9), "bomb.csv.gz")
    with pytest.raises(UnreadableFile, match="unpacks to more than 250 times"):
        fingerprint(path)


def test_55_a_spreadsheet_that_unpacks_to_much_is_refused_by_what_it_says(forge):
    path = forge(SHEET.format(doctype="", rows=cells("id") + " " * (70 << 20)))
    with pytest.raises(UnreadableFile, match="unpacks to more than 250 times"):
        open_file(path)
    nothing_is_left()


def test_55_a_spreadsheet_with_a_cell_far_outside_takes_no_memory_of_ours(forge, monkeypatch):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = forge(SHEET.format(doctype="", rows=cells("id", "name") + far))
    with pytest.raises(UnreadableFile, match=r"larger than can be read|columns"):
        open_file(path)
    nothing_is_left()


def test_55_a_parquet_bomb_is_refused_by_its_own_figures(tmp_path):
    path = tmp_path / "bomb.parquet"
    one = pa.table({"a": pa.nulls(12_000_000, pa.int8())})
    parquet.write_table(one, path, row_group_size=12_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(UnreadableFile, match="unpacks to more than"):
        open_file(path)


def test_56_names_in_an_archive_lead_nowhere(forge, tmp_path):
    evil = [("../../../slipped", "x"), ("/tmp/slipped", "x"), ("xl/link", "../../../etc/passwd")]
    path = forge(SHEET.format(doctype="", rows=cells("id") + cells("1", row=2)), evil)
    before = set(tmp_path.rglob("*"))
    assert values(path)[0] == [["1"]]
    new = set(tmp_path.rglob("*")) - before
    assert {each.parent.name for each in new if each.is_file()} <= {"uploads"}
    assert not any("slipped" in each.name for each in new)


def test_56_a_plain_archive_is_never_unpacked(tmp_path):
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../people.csv", "id\n1\n")
    with pytest.raises(UnreadableFile, match="a zip archive"):
        open_file(path)
    assert not (tmp_path.parent / "people.csv").exists()


def test_57_a_line_without_end_is_one_bad_row(make_file):
    whole = b"id,name\n1,ann\n2," + b"x" * (20 << 20) + b"\n3,cleo\n"
    rows, bad = values(make_file(whole))
    assert [row[0] for row in rows] == ["1", "3"]
    assert [error.reason for error in bad] == ["the row is longer than 128 KB"]


def test_58_an_unclosed_quote_costs_its_own_line(make_file):
    rows, bad = values(make_file('id,name\n1,"ann\n2,ben\n3,cleo\n'))
    assert [row[0] for row in rows] == ["2", "3"]
    assert len(bad) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1252"])
def test_59_encodings_are_told_apart_and_mixed_ones_cost_their_rows(make_file, encoding):
    rows, bad = values(make_file("id,name\n1,Zoë\n".encode(encoding)))
    assert rows == [["1", "Zoë"]]
    assert bad == []
    mixed = "id,name\n1,Zoë\n2,Märta\n".encode() + "3,Jürgen\n".encode("cp1252")
    rows, bad = values(make_file(mixed, "mixed.csv"))
    assert [row[0] for row in rows] == ["1", "2"]
    assert [error.reason for error in bad] == ["the row is not valid text in the encoding of the file"]


def test_60_entities_of_a_spreadsheet_are_never_resolved(forge, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("TOP SECRET")
    doctype = (
        f'<!DOCTYPE x [<!ENTITY leak SYSTEM "file://{secret}"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    )
    path = forge(
        SHEET.format(doctype=doctype, rows=cells("id") + cells("&leak;", row=2) + cells("&b;", row=3))
    )
    try:
        found, _ = values(path)
    except UnreadableFile as refused:
        found = [[str(refused)]]
    assert "TOP SECRET" not in repr(found)
    assert "aaaaaaaa" not in repr(found)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_61_repeated_headers_stay_apart(make_file, forge, kind):
    if kind == "csv":
        path = make_file("id,email,email\n1,a,b\n")
    elif kind == "xlsx":
        path = forge(
            SHEET.format(doctype="", rows=cells("id", "email", "email") + cells("1", "a", "b", row=2))
        )
    else:
        path = make_file('{"id":"1","email":"a","email":"b"}\n', "file.jsonl")
        assert values(path)[0] == [["1", "b"]]
        return
    assert open_file(path).format.columns == ("id", "email", "email (2)")
    assert values(path)[0] == [["1", "a", "b"]]


def test_62_formulas_come_back_as_text(imports, make_file):
    done = imports.run(make_file('email,user_id\n=cmd|\' /C calc\'!A0\n"+1",2\n"@x",3\n'))
    lines = "".join(errors_as_csv(done)).splitlines()
    cells_of_it = [line.rsplit(",", 1)[-1] for line in lines[1:]]
    assert cells_of_it
    assert not any(re.match(r'"?[=+\-@\t]', cell) for cell in cells_of_it)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_63_a_million_columns_are_refused_before_they_are_held(make_file, forge, tmp_path, kind):
    if kind == "csv":
        path = make_file(",".join(f"c{n}" for n in range(60_000)) + "\n")
    elif kind == "xlsx":
        path = forge(
            SHEET.format(doctype="", rows='<row r="1"><c r="A1"><v>2</v></c><c r="XFD1"><v>1</v></c></row>')
        )
    elif kind == "parquet":
        path = tmp_path / "wide.parquet"
        parquet.write_table(pa.table({f"c{n}": [n] for n in range(1500)}), path)
    else:
        path = make_file("{" + ",".join(f'"c{n}":1' for n in range(20_000)) + "}\n", "wide.jsonl")
    with pytest.raises(UnreadableFile, match="columns"):
        open_file(path)


def test_64_a_crash_in_the_middle_loses_and_doubles_nothing(imports, tmp_path, monkeypatch):
    """Killed between the log and its own note; test_running has the same for text files."""
    path = tmp_path / "people.parquet"
    numbers = [str(n) for n in range(12_000)]
    parquet.write_table(pa.table({"user_id": numbers}), path, row_group_size=3000)

    class Killed(BaseException):
        pass

    passed = []

    def reach(point):
        passed.append(point)
        if passed.count("imports.after_append") == 2:
            raise Killed

    begun = imports.start(path)
    monkeypatch.setattr("ingestion.imports.running.reach", reach)
    with pytest.raises(Killed):
        imports.finish(begun)
    monkeypatch.undo()
    done = imports.finish(begun)
    assert (done.state, done.accepted) == (ImportState.DONE, 12_000)
    ids = [event["message_id"] for event in imports.events()]
    assert len(set(ids)) == 12_000
    assert {event["user_id"] for event in imports.events()} == set(numbers)


def test_65_the_same_file_is_known_by_its_content(imports, make_file):
    first = imports.run(make_file("user_id\n1\n2\n", "a.csv"))
    again = make_file("user_id\n1\n2\n", "b.csv")
    with pytest.raises(
        FileKnown, match=rf"was imported on 24 November 2026 by test \(import {first.pk}\)"
    ) as known:
        imports.start(again)
    assert known.value.choice == "again"
    done = imports.run(again, again=True)
    assert (done.accepted, done.repeated) == (0, 2)
    assert len(imports.events()) == 2


def test_a_missing_reader_says_what_to_install(forge, monkeypatch):
    path = forge(SHEET.format(doctype="", rows=cells("id")))
    monkeypatch.setattr(workbooks, "_CHILD", workbook_child.__file__)
    monkeypatch.setattr(
        subprocess, "run",
        lambda *_a, **_k: subprocess.CompletedProcess([], workbook_child.MISSING, b"", b""),
    )  # fmt: skip
    with pytest.raises(UnreadableFile, match=r"requirements/sources\.txt"):
        open_file(path)
    assert detect_format is not None
