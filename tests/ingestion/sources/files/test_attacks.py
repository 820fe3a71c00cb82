"""Files that are meant to do harm, put into a watched folder: attacks 55 to 63 of the list.

Each is read, described and previewed; a good file stands behind it, and is always in. What leads out of the folder (56) is
in test_safety, kills (64) in test_runs, the same file twice (65) in test_reading and test_coming_again.
"""

import csv
import gzip
import zipfile
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingestion.enums import RunState
from ingestion.models import ConnectionRun
from ingestion.sources.contract import SourceRefused
from ingestion.sources.listing import export_row_errors
from tests.ingestion.imports.test_attacks import SHEET, cells, forge  # noqa: F401 -- a fixture
from tests.ingestion.sources.conftest import BY
from tests.ingestion.sources.files.conftest import Feed, Read, table
from tests.ingestion.sources.files.test_growing import lines
from tests.ingestion.sources.files.test_runs import Watched, watched  # noqa: F401 -- a fixture

GOOD = ["100", "101"]
HEADER = "id,email,total\n"


def attacked(feed: Feed, content: Path | bytes | str, name: str = "evil") -> Read:
    """What a run gives, when the file is described and previewed, too."""
    feed.put("orders/z.csv", table(100, 101), age=500)
    feed.put(f"orders/{name}", content.read_bytes() if isinstance(content, Path) else content, age=900)
    read = feed.read()
    assert [identifier for identifier in read.ids if identifier in GOOD] == GOOD
    feed.touch(feed.folder / f"orders/{name}", age=100)
    feed.kind.describe(feed.settings, "x")
    (feed.folder / "orders/z.csv").unlink()
    with suppress(SourceRefused):
        feed.kind.sample(feed.settings, feed.selection(), rows=5)
    left = [path.suffix for path in (feed.folder.parent / "home/fetched").iterdir()]
    assert left == [], "nothing that was unpacked is left"
    return read


def others(read: Read) -> list[list[object]]:
    return [
        [row.values[name] for name in ("id", "email", "total")]
        for row in read.rows
        if row.values["id"] not in GOOD
    ]


def test_55_what_is_packed_without_end_is_refused(feed, tmp_path, forge):  # noqa: F811
    bomb = tmp_path / "bomb.parquet"
    parquet.write_table(pa.table({"id": pa.nulls(12_000_000, pa.int8())}), bomb, row_group_size=12_000_000)
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    packed = {
        "text": gzip.compress(HEADER.encode() + b"a" * (96 << 20)),
        "sheet": forge(SHEET.format(doctype="", rows=cells("id") + " " * (70 << 20)), name="a.xlsx"),
        "cell": forge(SHEET.format(doctype="", rows=cells("id", "email") + far), name="b.xlsx"),
        "column": bomb,
    }
    for name, content in packed.items():
        read = attacked(feed, content, name)
        assert others(read) == []
        assert len(read.reasons) == 1, name
        assert any(
            why in read.reasons[0] for why in ("times its size", "unpacks to more", "can be read", "columns")
        )
        (feed.folder / "orders" / name).unlink()
        feed.state = None


def test_56_an_archive_is_never_unpacked_and_names_in_a_spreadsheet_lead_nowhere(feed, tmp_path, forge):  # noqa: F811
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("../people.csv", "id\n1\n")
    assert "a zip archive" in attacked(feed, plain, "plain").reasons[0]
    (feed.folder / "orders/plain").unlink()
    evil = [("../../../slipped", "x"), ("xl/link", "../../../etc/passwd")]
    sheet = SHEET.format(doctype="", rows=cells("id", "email", "total") + cells("1", "a", "2", row=2))
    feed.state = None
    assert others(attacked(feed, forge(sheet, evil))) == [["1", "a", "2"]]
    assert not list(tmp_path.parent.rglob("slipped"))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json", "gz"])
def test_57_a_line_without_end_is_one_bad_row(feed, kind):
    long = "x" * (64 << 20)
    content = {
        "csv": f"{HEADER}1,a,2\n2,{long},3\n3,c,4\n",
        "gz": f"{HEADER}1,a,2\n2,{long},3\n3,c,4\n",
        "jsonl": f'{{"id": "1"}}\n{{"id": "2", "email": "{long}"}}\n{{"id": "3"}}\n',
        "json": f'[{{"id": "1"}}, {{"id": "2", "email": "{long}"}}, {{"id": "3"}}]',
    }[kind]
    read = attacked(feed, gzip.compress(content.encode(), 1) if kind == "gz" else content)
    got = [row[0] for row in others(read)]
    assert len(read.reasons) == 1
    if kind == "json":
        assert got == ["1"]
    else:
        assert got == ["1", "3"]
        assert "longer than 128 KB" in read.reasons[0]


def test_57_a_line_without_end_in_a_log_is_waited_for_and_then_one_bad_row(log):
    log.put("orders/b.log", lines(1, 1), age=500)
    path = log.put("orders/a.log", lines(2, 2, "b") + '{"id": "' + "x" * (64 << 20), age=400)
    assert sorted(log.read().ids) == [1]
    with path.open("a") as file:
        file.write('"}\n' + lines(3, 3, "b"))
    log.touch(path, age=300)
    read = log.read()
    assert read.ids == [2, 3]
    assert len(read.reasons) == 1


def test_58_an_unclosed_quote_costs_its_own_line(feed):
    read = attacked(feed, f'{HEADER}1,"a,2\n2,b,3\n3,c,4\n')
    assert others(read) == [["2", "b", "3"], ["3", "c", "4"]]
    assert len(read.reasons) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_59_encodings_are_told_apart(feed, encoding):
    read = attacked(feed, f"{HEADER}1,Zoë,2\n".encode(encoding))
    assert (others(read), read.reasons) == ([["1", "Zoë", "2"]], [])


def test_59_mixed_encodings_cost_their_rows(feed):
    read = attacked(feed, f"{HEADER}1,Zoë,2\n2,Märta,3\n".encode() + "3,Jürgen,4\n".encode("cp1252"))
    assert [row[0] for row in others(read)] == ["1", "2"]
    assert "is not valid text in the encoding of the file" in read.reasons[0]


def test_60_entities_of_a_spreadsheet_are_never_resolved(feed, tmp_path, forge):  # noqa: F811
    (tmp_path / "secret").write_text("TOP SECRET")
    doctype = f'<!DOCTYPE x [<!ENTITY leak SYSTEM "file://{tmp_path}/secret"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    rows = cells("id", "email", "total") + cells("&leak;", row=2) + cells("&b;", row=3)
    read = attacked(feed, forge(SHEET.format(doctype=doctype, rows=rows)))
    said = repr([read.rows, read.reasons, feed.state])
    assert "TOP SECRET" not in said
    assert "aaaaaaaa" not in said


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_61_repeated_headers_stay_apart(feed, tmp_path, forge, kind):  # noqa: F811
    feed.columns = ("id", "email", "total", "email (2)")
    if kind == "csv":
        content: Path | str = "id,email,email,total\n1,a,b,2\n"
    elif kind == "xlsx":
        heads, row = cells("id", "email", "email", "total"), cells("1", "a", "b", "2", row=2)
        content = forge(SHEET.format(doctype="", rows=heads + row))
    else:
        content = tmp_path / "twice.parquet"
        columns = [pa.array([each]) for each in ("1", "a", "b", "2")]
        parquet.write_table(pa.table(columns, names=["id", "email", "email", "total"]), content)
    read = attacked(feed, content)
    [row] = [row.values for row in read.rows if row.values["id"] == "1"]
    assert (row["email"], row["email (2)"]) == ("a", "b")


def test_62_formulas_come_back_as_text_in_names_of_files_too(watched):  # noqa: F811
    watched.put("orders/a.csv", table(1, 1))
    stream = watched.stream("**/*.csv")
    watched.put("=cmd|' calc'!A0.csv", "id,email\n=cmd|' calc'!A0\n1,2,3,4\n\"+1\"\n")
    assert watched.run(stream).state == RunState.DONE
    run = ConnectionRun.objects.latest("pk")
    assert run.rejected == 3
    found = list(csv.reader(export_row_errors(BY, run)))[1:]
    assert len(found) == 3
    assert all("calc" in reason for _, reason, _ in found), "files are called by their names"
    assert not [cell for line in found for cell in line if cell[:1] in {"=", "+", "-", "@", "\t"}]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_63_a_million_columns_are_refused_before_they_are_held(feed, tmp_path, forge, kind):  # noqa: F811
    if kind == "csv":
        content: Path | str = ",".join(f"c{number}" for number in range(1_000_000)) + "\n"
    elif kind == "xlsx":
        wide = '<row r="1"><c r="A1"><v>2</v></c><c r="XFD1"><v>1</v></c></row>'
        content = forge(SHEET.format(doctype="", rows=wide))
    elif kind == "parquet":
        content = tmp_path / "wide.parquet"
        parquet.write_table(pa.table({f"c{number}": [number] for number in range(20_000)}), content)
    else:
        content = "{" + ",".join(f'"c{number}":1' for number in range(1_000_000)) + "}\n"
    read = attacked(feed, content)
    assert others(read) == []
    assert len(read.reasons) == 1
    assert any(why in read.reasons[0] for why in ("columns", "no JSON object at the beginning"))
    assert len(feed.kind.describe(feed.settings, "x").columns) <= 1003
