"""New files of a folder, in the order of their times; what is in is not read again, whatever it is called by then."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.sources.files import choosing, copies, memory, past
from ingestion.sources.files.folder import Folder
from tests.ingestion.sources.files.conftest import NOW, table


def test_files_are_read_in_the_order_of_their_times_and_then_only_what_is_new(feed):
    feed.put("orders/b.csv", table(3, 4), age=500)
    feed.put("orders/a.csv", table(5, 5), age=400)
    feed.put("orders/z.csv", table(1, 2), age=600)
    feed.put("customers/c.csv", table(90, 99))
    read = feed.read()
    assert read.ids == ["1", "2", "3", "4", "5"]
    assert read.rows[0].values == {
        "_file": "orders/z.csv", "_row": 1, "_file_time": "2026-11-30T00:43:20Z", "id": "1", "email": "c1@example.com", "total": "9",
    }  # fmt: skip
    assert read.batches[-1].is_last
    assert feed.read().batches == [], "nothing is new, and nothing is to be said"
    feed.put("orders/late.csv", table(6, 6), age=5000)  # it came with the time that it was made
    assert feed.read().ids == ["6"]


def test_the_same_content_is_recognised_under_another_name_and_told(feed):
    feed.put("orders/a.csv", table(1, 3), age=900)
    first = feed.read()
    feed.put("orders/copy of a.csv", table(1, 3), age=300)
    feed.touch(feed.folder / "orders/a.csv", age=100)
    read = feed.read()
    assert read.rows == []
    assert read.notes == [
        "Has the content of orders/a.csv, which is in, and is not read again: orders/copy of a.csv"
    ]
    feed.state = None  # everything is forgotten, and the rows are still called the same
    again = feed.read()
    assert again.identities == first.identities
    assert len(set(first.identities)) == 3


def test_of_a_file_that_changed_only_the_rows_that_differ_are_new(feed):
    feed.put("orders/a.csv", table(1, 3), age=900)
    first = feed.read()
    feed.put("orders/a.csv", table(1, 2) + "3,c3@example.com,10\n4,c4@example.com,9\n", age=800)
    second = feed.read()
    assert second.identities[:2] == first.identities[:2]
    assert not {*second.identities[2:]} & {*first.identities}
    assert second.notes == ["Changed since it was read: rows that differ from before are new: orders/a.csv"]
    feed.put("orders/a.csv", table(1, 4), age=700)
    third = feed.read()
    assert third.identities[:3] == first.identities, "it is still the same file, at its third version"
    assert third.identities[3] == second.identities[3]


def test_a_file_that_still_grows_or_is_named_so_waits(feed):
    feed.put("orders/young.csv", table(1, 2), age=4)
    for name in ("a.csv.tmp", "b.part", ".c.csv", "d.csv.filepart", "e.csv~"):
        feed.put(f"orders/{name}", table(50, 51))
    read = feed.read()
    assert (read.rows, read.notes) == (
        [],
        ["Is new, or still grows, and waits for the next run: orders/young.csv"],
    )
    feed.now += 20
    assert feed.read().ids == ["1", "2"]


def test_clocks_that_are_wrong_hold_nothing_up(feed):
    feed.put("orders/past.csv", table(1, 1), age=NOW - 60)
    feed.put("orders/future.csv", table(2, 2), age=-86400 * 4000)
    feed.put("orders/usual.csv", table(3, 3))
    assert feed.read().ids == ["1", "3"], (
        "the age of a file from the future tells nothing: it has to stay the same"
    )
    feed.now += 5
    assert feed.read().ids == []
    feed.now += 6
    read = feed.read()
    assert read.ids == ["2"]
    feed.put("orders/next.csv", table(4, 4))
    assert feed.read().ids == ["4"], "the files after it are no older"


def test_a_run_goes_on_within_a_file_and_fetches_it_once(feed, home, monkeypatch):
    for number in range(3):
        feed.put(f"orders/{number}.csv", table(number * 100, number * 100 + 99), age=500 - number)
    whole = feed.read()
    feed.state = None
    fetched, copied = [], copies._copied

    def counted(place, file, into):
        fetched.append(file.name)
        return copied(place, file, into)

    monkeypatch.setattr(copies, "_copied", counted)
    seen = []
    for _ in range(100):
        read = feed.read(rows=30, most=1)
        seen += read.rows
        if not read.batches or read.batches[-1].is_last:
            break
    assert seen == whole.rows
    assert fetched == ["orders/0.csv", "orders/1.csv", "orders/2.csv"]
    assert list((home / "fetched").iterdir()) == [], "copies are deleted once they are read"


def test_a_file_that_is_renamed_while_it_is_read_goes_on_where_it_was(feed):
    path = feed.put("orders/a.csv", table(1, 90), age=500)
    first = feed.read(rows=40, most=1)
    path.rename(feed.folder / "orders/b.csv")
    rest = feed.read()
    assert first.ids + rest.ids == [str(number) for number in range(1, 91)]
    assert {row.values["_file"] for row in rest.rows} == {"orders/b.csv"}


def test_a_file_that_is_replaced_while_it_is_read_begins_anew_with_the_same_rows_the_same(feed):
    feed.put("orders/a.csv", table(1, 90), age=500)
    first = feed.read(rows=40, most=1)
    feed.put("orders/a.csv", table(1, 95), age=400)
    rest = feed.read()
    assert rest.ids == [str(number) for number in range(1, 96)]
    assert rest.identities[:40] == first.identities
    assert any(
        note.startswith("Went away, or was replaced, before all of it was read") for note in rest.notes
    )


def test_a_file_that_vanishes_while_it_is_read_is_told_and_holds_nothing_up(feed):
    path = feed.put("orders/a.csv", table(1, 90), age=500)
    feed.put("orders/b.csv", table(100, 101), age=400)
    feed.read(rows=40, most=1)
    path.unlink()
    read = feed.read()
    assert read.ids == ["100", "101"]
    assert any("Went away, or was replaced" in note and "orders/a.csv" in note for note in read.notes)
    feed.put("orders/a.csv", table(1, 90), age=300)
    assert len(feed.read().ids) == 90, "its first rows are the same messages"


def test_a_file_that_changes_while_it_is_copied_waits(feed, monkeypatch):
    path = feed.put("orders/a.csv", table(1, 5), age=500)
    opened = Folder.open

    def meanwhile(self, name):
        os.utime(path, ns=(1, 1))
        return opened(self, name)

    monkeypatch.setattr(Folder, "open", meanwhile)
    read = feed.read()
    assert (read.rows, read.notes) == (
        [],
        ["Changed while it was read, and waits for the next run: orders/a.csv"],
    )


def _many(feed, monkeypatch, *, known: int, files: int) -> None:
    """More files were read than are remembered one by one."""
    monkeypatch.setattr(memory, "KNOWN", known)
    for number in range(files):
        feed.put(f"orders/{number:02}.csv", table(number, number), age=900 - number)
    assert len(feed.read().ids) == files
    assert feed.state is not None
    assert len(feed.state["known"]) == known
    assert feed.read().batches == []


def test_a_file_that_comes_late_is_read_once_however_many_newer_ones_are_in(feed, monkeypatch):
    _many(feed, monkeypatch, known=5, files=12)
    feed.put("orders/late.csv", table(50, 50), age=5000)
    assert feed.read().ids == ["50"]
    assert feed.read().batches == [], "and none of the others again"
    feed.put("orders/copy.csv", table(3, 3), age=6000)
    read = feed.read()
    assert read.rows == []
    assert read.notes == ["Has the content of a file that is in, and is not read again: orders/copy.csv"]


def test_a_file_that_was_held_back_is_read_once_however_many_newer_ones_are_in(feed, monkeypatch):
    link = feed.folder / "orders/held.csv"
    link.symlink_to("../elsewhere.csv")  # which is not there yet
    os.utime(link, ns=(1, 1), follow_symlinks=False)
    monkeypatch.setattr(past, "MOST", 4)
    monkeypatch.setattr(past, "TOGETHER", 2)
    monkeypatch.setattr(memory, "KNOWN", 3)
    for number in range(12):
        feed.put(f"orders/{number:02}.csv", table(number, number), age=900 - number)
    assert len(feed.read().ids) == 12
    feed.put("elsewhere.csv", table(50, 50), age=5000)
    assert feed.read().ids == ["50"]
    assert feed.read().batches == []


def test_what_is_remembered_stays_small_and_what_is_older_than_all_of_it_is_told(feed, monkeypatch):
    monkeypatch.setattr(past, "MOST", 4)
    monkeypatch.setattr(past, "TOGETHER", 2)
    _many(feed, monkeypatch, known=5, files=12)
    assert sum(len(part[-1]) for part in feed.state["past"]) <= 8 * 4
    feed.put("orders/late.csv", table(50, 50), age=5000)
    late = feed.read()
    assert late.rows == []
    assert "not noticed: touch them" in late.notes[0]
    assert "1 files" in late.notes[0]
    assert feed.read().notes == [], "told once"
    feed.touch(feed.folder / "orders/late.csv", age=100)
    assert feed.read().ids == ["50"]


@given(arrivals=st.lists(st.lists(st.integers(100, 2000), max_size=4), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_times_files_come_with_each_is_read_once(feed, monkeypatch, arrivals):
    monkeypatch.setattr(memory, "KNOWN", 2)
    for path in (feed.folder / "orders").iterdir():
        path.unlink()
    feed.state, number, read = None, 0, []
    for ages in arrivals:
        for age in ages:
            number += 1
            feed.put(f"orders/{number}.csv", table(number, number), age=age)
        read += feed.read().ids
    assert sorted(map(int, read)) == list(range(1, number + 1))


def test_versions_keep_their_identities_however_often_other_files_change(feed, monkeypatch):
    monkeypatch.setattr(memory, "LATER_VERSIONS", 2)
    feed.put("orders/a.csv", table(1, 1), age=5000)
    first = feed.read()
    feed.put("orders/a.csv", table(1, 2), age=4900)
    feed.read()
    for number in range(10, 20):
        feed.put("orders/b.csv", table(number, number), age=4000 - number)
        feed.read()
    feed.put("orders/a.csv", table(1, 3), age=100)
    assert feed.read().identities[0] == first.identities[0]


def test_more_files_from_the_future_than_are_watched_at_once_are_read_in_turn(feed, monkeypatch):
    monkeypatch.setattr(memory, "MOST_SEEN", 2)
    for number in range(5):
        feed.put(f"orders/{number}.csv", table(number, number), age=-86400)
    read = []
    for _ in range(6):
        read += feed.read().ids
        feed.now += 11
    assert sorted(read) == ["0", "1", "2", "3", "4"]


def test_many_files_are_listed_in_parts(feed, monkeypatch):
    monkeypatch.setattr(choosing, "MOST_AT_ONCE", 7)
    for number in range(40):
        feed.put(f"orders/{number:02}.csv", table(number, number), age=900 - number)
    assert feed.read().ids == [str(number) for number in range(40)]


def test_a_backfill_reads_a_time_again_with_the_same_identities(feed):
    feed.put("orders/a.csv", table(1, 2), age=3600)
    feed.put("orders/b.csv", table(3, 4), age=1800)
    feed.put("orders/c.csv", table(5, 6), age=60)
    first = feed.read()
    selection = feed.selection()
    begin = feed.kind.first(selection, "2026-11-30T00:20:00")
    state = {**begin, "until": feed.kind.first(selection, "2026-11-30T00:50:00+00:00")["cursor"]}
    rows = [row for batch in feed.batches(state, 100) for row in batch.rows]
    assert [row.identity for row in rows] == first.identities[2:4]
