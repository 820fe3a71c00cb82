"""Spreadsheets and Parquet files: the same rows from any position, whatever the cells are."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from ingestion.enums import ImportState
from ingestion.imports.columns import Column, Mapping, ValueKind
from ingestion.imports.formats import FileKind, UnreadableFile
from ingestion.imports.opening import open_file
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import Position
from ingestion.imports.storage import uploads_directory

ROWS: list[list[Any]] = [
    ["user_id", "email", "total", "bought", "paid"],
    [1, "anna@example.com", 12.5, datetime(2026, 3, 1, 9, 30), True],  # noqa: DTZ001 -- cells have no zone
    [2, "ben@example.com", 3, date(2026, 3, 2), False],
    [3, None, None, None, None],
]


@pytest.fixture(autouse=True)
def own_uploads(settings, tmp_path):
    settings.HEADWATER_HOME = tmp_path / "home"


def workbook(path, rows=ROWS, sheets=("Orders",)):
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for row in rows:
        book[sheets[-1]].append(row)
    book.save(path)
    return path


def table(path, **columns):
    parquet.write_table(pa.table(columns), path, row_group_size=7)
    return path


def read(opened, start=Position()):  # noqa: B008 -- frozen
    rows, bad, ends = [], [], []
    for block in read_blocks(opened.path, opened.format, start):
        rows += block.rows
        bad += block.bad
        ends.append(block.end)
    return rows, bad, ends


def test_the_cells_of_a_spreadsheet_are_numbers_times_and_texts(tmp_path):
    opened = open_file(workbook(tmp_path / "orders.xlsx", sheets=("Empty", "Orders")))
    assert (opened.format.kind, opened.format.sheet, opened.format.rows) == (FileKind.XLSX, "Orders", 3)
    assert opened.format.columns == ("user_id", "email", "total", "bought", "paid")
    rows, bad, _ = read(opened)
    assert bad == []
    assert [row.values for row in rows] == [
        [1, "anna@example.com", 12.5, "2026-03-01T09:30:00", True],
        [2, "ben@example.com", 3, "2026-03-02", False],
        [3, None, None, None, None],
    ]
    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 3), (3, 4)]


def test_a_table_that_stands_somewhere_in_its_sheet_keeps_the_lines_of_the_sheet(tmp_path):
    book = openpyxl.Workbook()
    for place, value in {"C4": "user_id", "D4": "note", "C6": 7, "D6": "x"}.items():
        book.active[place] = value
    book.save(tmp_path / "file.xlsx")
    opened = open_file(tmp_path / "file.xlsx")
    assert opened.format.columns == ("user_id", "note")
    assert [(row.number, row.line, row.values) for row in read(opened)[0]] == [(1, 6, [7, "x"])]


def test_a_parquet_file_gives_plain_values(tmp_path):
    path = table(
        tmp_path / "orders.parquet",
        user_id=[1, 2],
        total=[Decimal("12.50"), Decimal("3.00")],
        at=pa.array([datetime(2026, 3, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        tags=[["a"], []],
        day=[date(2026, 3, 1), None],
    )
    opened = open_file(path)
    assert (opened.format.kind, opened.format.rows, opened.is_ours) == (FileKind.PARQUET, 2, False)
    assert [row.values for row in read(opened)[0]] == [
        [1, 12.5, "2026-03-01T00:00:00+00:00", ["a"], "2026-03-01"],
        [2, 3, None, [], None],
    ]


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_every_position_gives_the_same_rows(tmp_path, kind):
    numbers = list(range(1, 23))
    if kind == "xlsx":
        rows = [
            ["user_id", "note"],
            *([n, "x" * 30000] if n % 5 else [n, ""] for n in numbers),
            [],
            [99, "end"],
        ]
        path = workbook(tmp_path / "file.xlsx", rows)
    else:
        path = table(tmp_path / "file.parquet", user_id=numbers, note=["x"] * len(numbers))
    opened = open_file(path)
    rows, _, ends = read(opened)
    assert len(ends) > 1
    for end in ends:
        assert read(opened, end)[0] == [row for row in rows if row.number > end.row]
    if kind == "parquet":
        assert [row.values[0] for row in read(opened, Position(9, 9, 9))[0]] == numbers[9:]


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_they_are_imported_like_any_other_file(imports, tmp_path, kind):
    columns = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
    if kind == "xlsx":
        path = workbook(tmp_path / "people.xlsx")
    else:
        path = table(tmp_path / "people.parquet", **{k: list(map(str, v)) for k, v in columns.items()})
    mapping = Mapping(
        event_type="track",
        event="Order Completed",
        columns=(
            Column("user_id", "user_id"),
            Column("bought", "timestamp", ValueKind.TIME) if kind == "xlsx" else Column("bought"),
            Column("total", "properties.total", ValueKind.NUMBER),
        ),
    )
    done = imports.run(path, mapping)
    assert (done.state, done.row) == (ImportState.DONE, 3)
    told = {event["user_id"]: event for event in imports.events()}
    assert told["1"]["properties"] == {"total": 12.5}
    if kind == "xlsx":
        assert told["1"]["timestamp"] == "2026-03-01T09:30:00.000000Z"
        assert told["2"]["timestamp"] == "2026-03-02T12:00:00.000000Z"
        assert done.uploaded
    assert list(uploads_directory().iterdir()) == (
        [] if kind == "parquet" else [uploads_directory() / done.path]
    )


def test_a_file_that_is_neither_leaves_nothing_behind(tmp_path):
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(workbook(tmp_path / "whole.xlsx").read_bytes()[:-900])
    cut = tmp_path / "cut.parquet"
    cut.write_bytes(table(tmp_path / "whole.parquet", a=[1]).read_bytes()[:-30])
    for path in (torn, cut):
        with pytest.raises(UnreadableFile, match="torn or damaged"):
            open_file(path)
    assert not uploads_directory().exists() or list(uploads_directory().iterdir()) == []
