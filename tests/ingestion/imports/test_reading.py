import gzip
import json
import tracemalloc

import pytest

from ingestion.imports.detection import detect_format
from ingestion.imports.formats import Encoding, FileKind, UnreadableFile
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import Position


def read(path, start=Position()):  # noqa: B008 -- frozen
    rows, bad, ends = [], [], []
    for block in read_blocks(path, detect_format(path), start):
        rows += block.rows
        bad += block.bad
        ends.append(block.end)
    return rows, bad, ends


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_encoding_gives_the_same_rows(make_file, encoding, packed):
    text = "user_id,name,note\n1,José,naïve\n2,Zoë,“quoted”\n"
    content = text.encode(encoding)
    path = make_file(gzip.compress(content) if packed else content)
    rows, bad, _ = read(path)
    assert [row.values for row in rows] == [["1", "José", "naïve"], ["2", "Zoë", "“quoted”"]]
    assert bad == []
    assert detect_format(path).columns == ("user_id", "name", "note")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(make_file, delimiter):
    path = make_file(
        delimiter.join(["id", "name", "amount"]) + "\n" + delimiter.join(["1", "Ann", "3"]) + "\n"
    )
    assert detect_format(path).delimiter == delimiter
    assert read(path)[0][0].values == ["1", "Ann", "3"]


def test_columns_in_fixed_places_are_separated_by_any_number_of_spaces(make_file):
    rows, bad, _ = read(make_file(" customer_id  date  cds\r\n 00001 19970101  1\r\n 00002 19970112  5\r\n"))
    assert [row.values for row in rows] == [["00001", "19970101", "1"], ["00002", "19970112", "5"]]
    assert bad == []


def test_a_file_without_header_gets_numbered_columns(make_file):
    path = make_file("17,anna@example.com\n18,ben@example.com\n")
    assert detect_format(path).columns == ("column 1", "column 2")
    assert [row.number for row in read(path)[0]] == [1, 2]


def test_repeated_and_empty_headers_stay_apart(make_file):
    path = make_file("id,email,email,,email\n1,a,b,c,d\n")
    assert detect_format(path).columns == ("id", "email", "email (2)", "column 4", "email (3)")


def test_all_kinds_of_line_ends_may_be_mixed(make_file):
    rows, bad, _ = read(make_file('id,note\n1,a\r\n2,"two\rlines"\r\n\n3,"and\ntwo"\n4,end'))
    assert [row.values for row in rows] == [["1", "a"], ["2", "two\rlines"], ["3", "and\ntwo"], ["4", "end"]]
    assert bad == []


def test_line_ends_of_old_macs(make_file):
    assert [row.values for row in read(make_file("id,x\r1,2\r3,4\r"))[0]] == [["1", "2"], ["3", "4"]]


def test_an_unclosed_quote_costs_its_row_only(make_file):
    rows, bad, _ = read(make_file('id,note\n1,good\n2,"open\n3,good\n4,"quoted, and closed"\n5,good\n'))
    assert [row.values[0] for row in rows] == ["1", "3", "4", "5"]
    assert [(row.number, row.line, row.raw) for row in bad] == [(2, 3, '2,"open')]


def test_an_unclosed_quote_in_a_large_file_costs_its_row_only(make_file):
    lines = [f"{number},plain text" for number in range(1, 100_001)]
    lines[49_999] = '50000,"open'
    rows, bad, _ = read(make_file("id,note\n" + "\n".join(lines)))
    assert [row.number for row in bad] == [50_000]
    assert "not closed" in bad[0].reason
    assert len(rows) == 99_999
    assert rows[-1].values == ["100000", "plain text"]


def test_rows_with_too_few_or_too_many_values(make_file):
    rows, bad, _ = read(make_file("id,a,b\n1,x,y\n2,x\n3,x,y,z\n4,x,y,,\n"))
    assert [row.values for row in rows] == [["1", "x", "y"], ["4", "x", "y"]]
    assert [row.reason for row in bad] == [
        "the row has 2 values, the file has 3 columns",
        "the row has 4 values, the file has 3 columns",
    ]


def test_a_line_of_a_gigabyte_is_one_bad_row_in_bounded_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"id,note\n1,good\n2,")
        file.seek(1 << 30, 1)  # a hole of NUL bytes
        file.write(b"\n3,good\n")
    tracemalloc.start()
    rows, bad, _ = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.values[0] for row in rows] == ["1", "3"]
    assert [(row.number, row.line) for row in bad] == [(2, 3)]
    assert len(bad[0].raw) <= 400
    assert peak < 8 << 20


def test_a_row_of_a_million_columns_is_a_bad_row(make_file):
    rows, bad, _ = read(make_file("id,a\n1,x\n" + "," * 1_000_000 + "\n2,y\n"))
    assert [row.values[0] for row in rows] == ["1", "2"]
    assert len(bad) == 1


def test_rows_that_are_not_text_are_bad_and_the_others_good(make_file):
    content = "id,name\n1,José\n".encode() + "2,José\n".encode("cp1252") + "3,Zoë\n".encode()
    rows, bad, _ = read(make_file(content))
    assert [row.values for row in rows] == [["1", "José"], ["3", "Zoë"]]
    assert [row.reason for row in bad] == ["the row is not valid text in the encoding of the file"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"PK\x03\x04" + b"x" * 100, "zip"),
        (b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n1,2\n", "columns"),
        (b'[{"id": 1},\n{"id": 2}', "torn or malformed at object 3"),
        (b'[{"id": 1} {"id" 2}]', "torn or malformed at object 2"),
        (b'[{"id": "' + b"x" * 3_000_000, "longer than 512 KB"),
        (b"[]", "empty: a JSON array"),
        (b'[{"id": 1}]\n[{"id": 2}]', "follows the array, after object 1"),
        (b"[]" + b" " * 2_000_000 + b'[{"id": 2}]', "follows the array, after object 0"),
        (gzip.compress(b"id,a\n1,2\n" * 100_000)[:-200], "torn"),
        (gzip.compress(b"id,a\n1,2\n" + b"\0" * (96 << 20)), "times its size"),
    ],
    ids=[
        "empty",
        "blank",
        "zip",
        "million columns",
        "torn array",
        "malformed array",
        "endless array",
        "empty array",
        "two arrays",
        "array after an empty one",
        "torn gzip",
        "gzip bomb",
    ],
)
def test_files_that_cannot_be_read_say_why(make_file, content, why):
    path = make_file(content)
    with pytest.raises(UnreadableFile, match=why):
        for _ in read_blocks(path, detect_format(path), Position()):
            pass


def test_json_lines_of_segment_calls_have_no_columns(make_file):
    path = make_file(
        '{"type": "track", "event": "A", "userId": "1"}\n{bad\n[1]\n\n{"type": "identify", "userId": "1"}',
        "x.jsonl",
    )
    assert detect_format(path).kind == FileKind.JSON_LINES
    assert detect_format(path).columns == ()
    rows, bad, _ = read(path)
    assert [row.number for row in rows] == [1, 4]
    assert [row.number for row in bad] == [2, 3]


def test_the_objects_of_an_array_are_rows_however_it_is_broken_into_lines(make_file):
    objects = [
        {"id": number, "note": "é" * (number % 100), "inner": {"a": [1, {"b": 2}]}}
        for number in range(16_000)
    ]
    written = json.dumps(objects, indent=1, ensure_ascii=False)
    path = make_file(written, "orders.json")
    assert (detect_format(path).kind, detect_format(path).columns) == (
        FileKind.JSON_ARRAY,
        ("id", "note", "inner"),
    )
    rows, bad, positions = read(path)
    assert (len(rows), len(bad), len(positions) > 2) == (16_000, 0, True)
    assert [row.values[0] for row in rows] == list(range(16_000))
    assert rows[2].line == 1 + written[: written.index('"id": 2,')].count("\n") - 1
    assert [row.values for row in rows][5] == [5, "é" * 5, {"a": [1, {"b": 2}]}]
    for position in positions[:-1]:
        again = [row for block in read_blocks(path, detect_format(path), position) for row in block.rows]
        assert again == rows[position.row :]


def test_an_array_may_have_any_white_space_between_and_after_its_elements(make_file):
    far = " " * 3_000_000
    path = make_file(f'[{{"id": 1}},\n{far}\n{{"id": 2}}]\n{far}')
    rows, bad, positions = read(path)
    assert ([(row.number, row.line) for row in rows], bad) == ([(1, 1), (2, 3)], [])
    for position in positions[:-1]:
        again = [row for block in read_blocks(path, detect_format(path), position) for row in block.rows]
        assert again == rows[position.row :]


def test_bad_elements_of_an_array_cost_only_themselves(make_file):
    long = '{"id": 2, "note": "' + "x" * 140_000 + '"}'
    path = make_file(f'[{{"id": 1}}, {long},\n 7, {{"id": 4, "note": "\\u0000"}}]')
    rows, bad, _ = read(path)
    assert [row.values[0] for row in rows] == [1, 4]
    assert [(row.number, row.line) for row in bad] == [(2, 1), (3, 2)]
    assert "an element" not in bad[1].reason
    assert "the element is a JSON int, not an object" in bad[1].reason


def test_a_json_line_that_is_too_long_is_one_bad_row(make_file):
    long = b'{"user_id": "2", "note": "' + b"x" * 3_000_000 + b'"}\n'
    path = make_file(b'{"user_id": "1", "note": "a"}\n' + long + b'{"user_id": "3", "note": "b"}\n')
    rows, bad, _ = read(path)
    assert [row.values[0] for row in rows] == ["1", "3"]
    assert [row.number for row in bad] == [2]


def test_keys_of_flat_json_lines_are_columns(make_file):
    path = make_file('{"user_id": 1, "email": "a@example.com"}\n{"user_id": 2, "city": {"name": "Rome"}}\n')
    assert detect_format(path).columns == ("user_id", "email", "city")
    assert [row.values for row in read(path)[0]] == [[1, "a@example.com", None], [2, None, {"name": "Rome"}]]


def test_reading_on_from_any_position_gives_the_same_rows(make_file):
    pieces = ["user_id,note\n"]
    for number in range(80_000):
        kind = number % 97
        if kind == 0:
            pieces.append(f'{number},"several\nlines {number}"\r\n')
        elif kind == 1:
            pieces.append(f'{number},"open\n')
        elif kind == 2:
            pieces.append(f'{number},"a"b\n')
        else:
            pieces.append(f"{number},plain ë {number}\n")
    path = make_file("".join(pieces))
    rows, bad, ends = read(path)
    assert len(ends) > 2
    whole = sorted((row.number, row.line) for row in [*rows, *bad])
    assert [number for number, _ in whole] == list(range(1, len(whole) + 1))
    for end in ends[:-1]:
        again, again_bad, _ = read(path, end)
        rest = sorted((row.number, row.line) for row in [*again, *again_bad])
        assert rest == [place for place in whole if place[0] > end.row]


def test_reading_on_in_packed_and_in_wide_files(make_file):
    text = "id,name\n" + "".join(f"{number},José {number}\n" for number in range(60_000))
    for content in (gzip.compress(text.encode()), text.encode("utf-16")):
        path = make_file(content)
        rows, _, ends = read(path)
        assert len(rows) == 60_000
        again, _, _ = read(path, ends[0])
        assert again == rows[ends[0].row :]


def test_the_encoding_is_known(make_file):
    assert detect_format(make_file("id,ä\n".encode("cp1252"))).encoding == Encoding.WINDOWS_1252
