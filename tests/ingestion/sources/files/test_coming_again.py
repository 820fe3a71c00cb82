"""Files that are put again after they were moved away: what is in is recognised and moved, what is not is read."""

import pytest

from ingestion.sources.files import memory
from tests.ingestion.sources.files.conftest import Feed, table

IS_IN = "Is in just as it is: it is moved, and not read again: orders/a.csv"


@pytest.fixture
def feed(feed: Feed) -> Feed:
    feed.settings["after"] = "move"
    return feed


def moved(feed: Feed, into: str = "done") -> list[str]:
    return sorted(path.read_text() for path in (feed.folder / "orders" / into).iterdir())


@pytest.mark.parametrize("age", [900, 300], ids=["with the same time", "with another time"])
def test_what_is_sent_again_is_recognised_moved_and_told(feed, age):
    path = feed.put("orders/a.csv", table(1, 2), age=900)
    assert feed.read().ids == ["1", "2"]
    for times in (2, 3):
        feed.put("orders/a.csv", table(1, 2), age=age)
        read = feed.read()
        assert (read.rows, read.notes) == ([], [IS_IN])
        assert not path.exists()
        assert moved(feed) == [table(1, 2)] * times
    feed.put("orders/a.csv", table(5, 6), age=age)
    assert feed.read().ids == ["5", "6"], "another content with the same time and size is another file"


def test_what_is_sent_again_is_recognised_when_it_is_no_longer_remembered_by_itself(feed, monkeypatch):
    monkeypatch.setattr(memory, "KNOWN", 2)
    for number in range(6):
        feed.put(f"orders/{number}.csv", table(number, number), age=900 - number)
    feed.read()
    path = feed.put("orders/0.csv", table(0, 0), age=900)
    read = feed.read()
    assert (read.rows, read.notes) == (
        [], ["Has the content of a file that is in, and is not read again: orders/0.csv"],
    )  # fmt: skip
    assert not path.exists()


def test_what_could_not_be_moved_then_is_moved_without_being_read_again(feed):
    path = feed.put("orders/a.csv", table(1, 2), age=900)
    feed.settings["after"] = "leave"
    feed.read()
    feed.settings["after"] = "move"
    assert feed.read().notes == [IS_IN]
    assert not path.exists()


def test_what_stays_because_moving_does_not_work_is_not_fetched_again(feed, monkeypatch):
    feed.put("orders/a.csv", table(1, 2), age=900)
    (feed.folder / "orders/done").write_text("a file where the folder should be")
    feed.read()
    monkeypatch.setattr("ingestion.sources.files.copies._copied", None)
    assert feed.read().notes[0].startswith("Cannot be moved")


def test_a_bad_file_that_is_sent_again_is_told_again_and_is_not_said_to_be_in(feed):
    for times in (1, 2):
        feed.put("orders/bad.csv.gz", b"\x1f\x8b\x08 no gzip at all", age=900)
        read = feed.read()
        assert len(read.reasons) == 1
        assert read.notes == ["Cannot be read, or not to its end, until it changes: orders/bad.csv.gz"]
        assert len(list((feed.folder / "orders/failed").iterdir())) == times
