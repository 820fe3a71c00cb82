"""Every kind of file is read by the names of its columns, which are described."""

import gzip
import json

import openpyxl
import pyarrow as pa
from pyarrow import parquet

from ingestion.imports import opening
from ingestion.imports.workbooks import unpack_workbook
from tests.ingestion.sources.files.conftest import table


def test_every_kind_of_file_is_read(feed):
    feed.columns = ("id", "email", "total")
    rows = [{"id": 1, "email": "c1@example.com", "total": 1.5}, {"id": 2, "email": None, "total": 2}]
    feed.put("orders/a.jsonl", "\n".join(json.dumps(row) for row in rows), age=900)
    feed.put("orders/b.json", json.dumps(rows), age=800)
    feed.put("orders/c.csv.gz", gzip.compress(b"total;id;email\n1,5;1;\n"), age=700)
    parquet.write_table(pa.Table.from_pylist(rows), feed.folder / "orders/d.parquet")
    feed.touch(feed.folder / "orders/d.parquet", age=600)
    book = openpyxl.Workbook()
    for row in (("id", "email", "total"), (1, "c1@example.com", 1.5), (2, None, 2)):
        book.active.append(row)
    book.save(feed.folder / "orders/e.xlsx")
    feed.touch(feed.folder / "orders/e.xlsx", age=500)
    read = feed.read()
    got: dict[str, list[list[object]]] = {}
    for row in read.rows:
        got.setdefault(row.values["_file"][-5:], []).append([row.values[name] for name in feed.columns])
    same = [[1, "c1@example.com", 1.5], [2, None, 2]]
    assert got == {"jsonl": same, ".json": same, "sv.gz": [["1", None, "1,5"]], "rquet": same, ".xlsx": same}
    assert feed.read().batches == []


def test_a_spreadsheet_is_taken_apart_once_for_many_slices(feed, monkeypatch, home):
    book = openpyxl.Workbook()
    for row in [("id", "email", "total"), *((number, "x", 1) for number in range(200))]:
        book.active.append(row)
    book.save(feed.folder / "orders/e.xlsx")
    feed.touch(feed.folder / "orders/e.xlsx", age=500)
    times = []

    def counted(path, rows):
        times.append(path)
        return unpack_workbook(path, rows)

    monkeypatch.setattr(opening, "unpack_workbook", counted)
    ids = []
    while (read := feed.read(rows=70, most=1)).batches:
        ids += read.ids
    assert (ids, len(times)) == (list(range(200)), 1)
    assert list((home / "fetched").iterdir()) == []


def test_columns_are_read_by_name_and_a_missing_one_is_told(feed):
    feed.put("orders/a.csv", table(1, 1), age=900)
    feed.put("orders/b.csv", "total,new,id\n7,x,2\n", age=800)
    read = feed.read()
    assert [row.values["email"] for row in read.rows] == ["c1@example.com", None]
    assert [row.values["total"] for row in read.rows] == ["9", "7"]
    assert read.notes == ["Has no column email, which is empty there: orders/b.csv"]
    info = feed.kind.describe(feed.settings, "orders")
    assert [column.name for column in info.columns] == [
        "total",
        "new",
        "id",
        "email",
        "_file",
        "_row",
        "_file_time",
    ]
    assert (info.is_sampled, info.is_identified) == (True, True)


def test_the_columns_of_each_kind_of_file_are_described(feed):
    def described() -> dict[str, str]:
        columns = feed.kind.describe(feed.settings, "x").columns
        return {column.name: column.type.value for column in columns if not column.name.startswith("_")}

    parquet.write_table(
        pa.table({"id": [1], "note": ["a"], "tags": [["b"]]}), feed.folder / "orders/a.parquet"
    )
    assert described() == {"id": "other", "note": "text", "tags": "other"}
    (feed.folder / "orders/a.parquet").rename(feed.folder / "orders/.a.parquet")
    feed.put("orders/a.json", '[{"id": 1}, {"type": "track", "inner": {}}]')
    assert described() == {"id": "other", "type": "other", "inner": "other"}
    (feed.folder / "orders/a.json").unlink()
    assert described() == {}, "nothing there says nothing of the columns"


def test_whether_the_first_row_names_the_columns_can_be_said(feed):
    feed.columns = ("column 1", "column 2")
    feed.put("orders/a.csv", "jane,gold\njoe,basic\n")
    feed.settings["header"] = "no"
    assert [list(row.values.values())[3:] for row in feed.read().rows] == [["jane", "gold"], ["joe", "basic"]]
    feed.columns, feed.state, feed.settings["header"] = ("2026", "2027"), None, "yes"
    feed.put("orders/a.csv", "2026,2027\n1,2\n")
    assert [row.values["2027"] for row in feed.read().rows] == ["2"]
