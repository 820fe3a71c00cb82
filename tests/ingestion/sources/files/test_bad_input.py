"""Files that are broken or meant to do harm: what is wrong is said of file and row, the good rows are in, and the next files too."""

import gzip
import json
import zipfile

import openpyxl
import pytest

from ingestion.imports.formats import ReaderMissing
from ingestion.imports.opening import open_file
from ingestion.sources.files import copies, unpacking
from tests.ingestion.sources.files.conftest import table


def test_bad_rows_are_told_with_file_and_row_and_the_good_ones_are_in(feed):
    broken = 'id,email,total\n1,a,1\n2,b\n3,"c,3\n4,d\xff,4\n5,e,5,6,7\n6,f,6\n'.encode("latin-1")
    feed.put("orders/a.csv", broken.replace(b"1,a", "1,é".encode() * 1), age=900)
    feed.put("orders/b.jsonl", '{"id": 7}\n{"id": \n[8]\n{"id": 9}\n', age=800)
    read = feed.read()
    assert [row.values["_row"] for row in read.rows] == [1, 6, 1, 4]
    assert [reason[:25] for reason in read.reasons] == [
        "orders/a.csv, row 2: the ", "orders/a.csv, row 3: a qu", "orders/a.csv, row 4: the ", "orders/a.csv, row 5: the ",
        "orders/b.jsonl, row 2: th", "orders/b.jsonl, row 3: th",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(table(1, 60_000).encode())[:-3000], "torn"),
        (gzip.compress(b"id,email,total\n" + b"\0" * (96 << 20)), "times its size"),
        (b"PAR1 and then nothing of the kind", "torn or damaged"),
        (b"PK\x03\x04" + b"x" * 500, "torn or damaged"),
        (b"%PDF-1.7", "PDF"),
        (",".join(f"c{number}" for number in range(1_000_000)), "columns; at most 1,000"),
        (b"name,colour\njane,red\n", "none of the columns that are read"),
        (b'[{"id": 1}, {"id": 2', "torn or malformed at object 2"),
    ],
    ids=["torn", "bomb", "no parquet", "no zip", "pdf", "million columns", "other columns", "torn array"],
)
def test_a_bad_file_is_told_once_and_holds_nothing_up(feed, content, why):
    feed.put("orders/bad", content, age=900)
    feed.put("orders/good.csv", table(1, 2), age=800)
    read = feed.read()
    assert read.ids[-2:] == ["1", "2"]
    assert len(read.reasons) == 1
    assert read.reasons[0].startswith("orders/bad: ")
    assert why in read.reasons[0]
    again = feed.read()
    assert (again.rows, again.reasons, again.notes) == ([], [], ["Still cannot be read: orders/bad"])
    feed.put("orders/bad", table(3, 3), age=500)
    mended = feed.read()
    assert mended.ids == ["3"]
    assert feed.read().batches == []


def test_of_a_torn_file_the_rows_before_the_tear_are_in_and_stay_the_same_when_it_is_whole(feed):
    whole = gzip.compress(table(1, 60_000).encode())
    feed.put("orders/a.csv.gz", whole[: len(whole) // 2], age=900)
    torn = feed.read()
    assert 1000 < len(torn.rows) < 60_000
    feed.put("orders/a.csv.gz", whole, age=500)
    read = feed.read()
    assert len(read.rows) == 60_000
    assert read.identities[: len(torn.rows)] == torn.identities


def test_a_spreadsheet_that_unpacks_without_end_costs_only_itself(feed):
    with zipfile.ZipFile(feed.folder / "orders/bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", b"<x/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    feed.touch(feed.folder / "orders/bomb.xlsx", age=900)
    feed.put("orders/good.csv", table(1, 2), age=800)
    read = feed.read()
    assert read.ids == ["1", "2"]
    assert "times its size" in read.reasons[0]


def test_empty_files_and_headers_alone_are_no_error(feed):
    for number, content in enumerate((b"", b"\n\n", b"id,email,total\n", b"[]", gzip.compress(b""))):
        feed.put(f"orders/{number}", content, age=900 - number)
    read = feed.read()
    assert (read.rows, read.reasons) == ([], [])
    assert read.notes == ["Is empty: orders/0, orders/1, orders/3 and 1 more"]
    assert feed.read().batches == []


def test_duplicate_headers_formulas_and_encodings(feed):
    feed.columns = ("id", "id (2)", "note")
    feed.put("orders/a.csv", "id,id,note\n1,2,=cmd|' /C calc'!A0\n", age=900)
    feed.put("orders/b.csv", "id;id;note\n3;4;“ü”\n".encode("cp1252"), age=800)
    feed.put("orders/c.csv", "id\tid\tnote\n5\t6\tü\n".encode("utf-16"), age=700)
    read = feed.read()
    assert [[row.values[name] for name in feed.columns] for row in read.rows] == [
        ["1", "2", "=cmd|' /C calc'!A0"], ["3", "4", "“ü”"], ["5", "6", "ü"],
    ]  # fmt: skip


def test_a_formula_in_a_spreadsheet_is_the_value_that_was_computed_or_nothing(feed):
    book = openpyxl.Workbook()
    for row in (("id", "email", "total"), (1, '=WEBSERVICE("http://x")', "=1+1")):
        book.active.append(row)
    book.save(feed.folder / "orders/e.xlsx")
    feed.touch(feed.folder / "orders/e.xlsx", age=500)
    [row] = feed.read().rows
    assert (row.values["id"], row.values["total"]) == (1, None)


def test_values_that_no_json_has_are_told_apart_too(feed):
    feed.put(
        "orders/a.jsonl",
        '{"id": 123456789012345678901234567890}\n{"id": 1e999}\n{"id": "\\ud800"}\n',
        age=900,
    )
    read = feed.read()
    assert len({*read.identities}) == len(read.rows) > 0
    json.dumps([row.values for row in read.rows])


def test_a_file_that_is_too_large_or_for_which_there_is_no_room(feed, monkeypatch):
    feed.put("orders/a.csv", table(1, 9000), age=900)
    feed.put("orders/b.csv", table(1, 2), age=800)
    monkeypatch.setattr(copies, "SPARE_DISK_BYTES", 1 << 62)
    read = feed.read()
    assert read.rows == []
    assert "the disk of this machine has" in read.notes[0]
    monkeypatch.undo()
    monkeypatch.setattr(copies, "MAX_BYTES", 1000)
    read = feed.read()
    assert read.ids == ["1", "2"]
    assert "larger than" in read.reasons[0]


def test_what_reads_a_file_and_is_not_installed_is_said_and_the_file_waits(feed, monkeypatch):
    feed.put("orders/a.parquet", b"PAR1" + b"x" * 50, age=900)
    feed.put("orders/b.csv", table(1, 2), age=800)

    def missing(path, **given):
        if path.read_bytes()[:4] == b"PAR1":
            raise ReaderMissing("reading Parquet needs pyarrow: install requirements/sources.txt")
        return open_file(path, **given)

    monkeypatch.setattr(unpacking, "open_file", missing)
    read = feed.read()
    assert read.ids == ["1", "2"]
    assert "install requirements/sources.txt: orders/a.parquet" in read.notes[0]
    monkeypatch.undo()
    assert "torn or damaged" in feed.read().reasons[0], "once it is installed, the file is read"
