"""Logs of JSON Lines that grow: read on from where they ended, also when they are rotated."""

import gzip
import json

from tests.ingestion.sources.files.conftest import table


def lines(first: int, last: int, host: str = "a") -> str:
    return "".join(f"{json.dumps({'id': number, 'email': host})}\n" for number in range(first, last + 1))


def append(log, name: str, content: str, *, age: float) -> None:
    path = log.folder / name
    with path.open("a") as file:
        file.write(content)
    log.touch(path, age=age)


def test_only_what_was_added_is_read_and_a_line_waits_for_its_end(log):
    log.put("orders/a.log", lines(1, 3) + '{"id": 4, "em', age=1)
    first = log.read()
    assert first.ids == [1, 2, 3], "however young it is"
    assert log.read().batches == []
    append(log, "orders/a.log", 'ail": "a"}\n' + lines(5, 6), age=0)
    second = log.read()
    assert second.ids == [4, 5, 6]
    assert [row.values["_row"] for row in second.rows] == [4, 5, 6]
    log.state = None
    assert log.read().identities == first.identities + second.identities


def test_a_log_that_gets_another_name_goes_on_and_the_new_one_begins(log):
    log.put("orders/a.log", lines(1, 3), age=100)
    log.read()
    append(log, "orders/a.log", lines(4, 5), age=50)
    (log.folder / "orders/a.log").rename(log.folder / "orders/a.log.1")
    log.put("orders/a.log", lines(100, 101, "b"), age=10)
    assert log.read().ids == [4, 5, 100, 101]
    append(log, "orders/a.log", lines(102, 102, "b"), age=5)
    assert log.read().ids == [102]


def test_a_log_that_is_emptied_and_begun_anew_is_read_from_its_beginning(log):
    log.put("orders/a.log", lines(1, 5), age=100)
    log.read()
    log.put("orders/a.log", lines(50, 51, "b"), age=50)
    read = log.read()
    assert read.ids == [50, 51]
    assert read.notes == ["Was replaced, and is read from its beginning: orders/a.log"]


def test_a_run_goes_on_within_a_log(log):
    log.put("orders/a.log", lines(1, 90), age=100)
    log.put("orders/b.log", lines(200, 205, "b"), age=50)
    ids = []
    while (read := log.read(rows=20, most=1)).batches:
        ids += read.ids
        if len(ids) == 40:
            (log.folder / "orders/a.log").rename(log.folder / "orders/a.log.1")
    assert sorted(set(ids)) == [*range(1, 91), *range(200, 206)]
    assert len(ids) == 96


def test_what_is_no_log_is_told_and_holds_nothing_up(log):
    log.put("orders/a.csv", table(1, 2), age=900)
    log.put("orders/b.gz", gzip.compress(lines(1, 2).encode()), age=800)
    log.put("orders/c.log", '{"id": 1}\nnot json\n{"id": 3}\n' + "x" * 700_000 + '\n{"id": 5}\n', age=700)
    log.put("orders/empty.log", "", age=600)
    read = log.read()
    assert read.ids == [1, 3, 5]
    assert len([reason for reason in read.reasons if "only logs of JSON Lines" in reason]) == 2
    assert len([reason for reason in read.reasons if reason.startswith("orders/c.log, row ")]) == 2
    append(log, "orders/empty.log", lines(9, 9, "e"), age=1)
    assert log.read().ids == [9]


def test_a_line_without_end_is_waited_for_and_a_log_that_vanishes_is_forgotten(log):
    log.put("orders/a.log", '{"id": "' + "x" * 3_000_000, age=100)
    assert log.read().rows == []
    (log.folder / "orders/a.log").unlink()
    log.put("orders/b.log", lines(1, 1), age=50)
    assert log.read().ids == [1]
