"""Read files are moved once they are in, and their copies are deleted."""

import os

from ingestion.sources.files import copies
from tests.ingestion.sources.files.conftest import table


def test_read_files_are_moved_once_they_are_in_and_bad_ones_apart(feed):
    feed.settings["after"] = "move"
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("orders/bad.csv.gz", b"\x1f\x8b\x08 no gzip at all", age=800)
    batches = list(feed.batches({}, 100))
    assert (feed.folder / "orders/a.csv").exists(), "not before it is committed"
    assert batches[-1].acknowledge is not None
    feed.state = batches[-1].state  # committed, then killed before it was moved
    feed.read()
    [done], [failed] = (list((feed.folder / "orders" / name).iterdir()) for name in ("done", "failed"))
    assert (done.name[:2], done.suffix, done.read_text()) == ("a.", ".csv", table(1, 2))
    assert failed.name.startswith("bad.")
    feed.put("orders/a.csv", table(1, 3), age=100)
    read = feed.read()
    assert read.ids == ["1", "2", "3"]
    assert read.notes == [], "a new file of the same name, not a new version of the one that was moved"
    assert len(list((feed.folder / "orders/done").iterdir())) == 2
    assert [column.name for column in feed.kind.describe(feed.settings, "x").columns][:3] == list(
        feed.columns
    )


def test_what_cannot_be_moved_is_told_and_tried_again(feed):
    feed.settings["after"] = "move"
    path = feed.put("orders/a.csv", table(1, 2), age=900)
    (feed.folder / "orders/done").write_text("a file where the folder should be")
    assert feed.read().ids == ["1", "2"]
    read = feed.read()
    assert read.rows == []
    assert read.notes[0].startswith("Cannot be moved:")
    (feed.folder / "orders/done").unlink()
    feed.read()
    assert not path.exists()


def test_copies_that_nobody_reads_any_more_are_deleted(feed, home):
    feed.put("orders/a.csv", table(1, 90))
    feed.read(rows=10, most=1)
    [copy] = (home / "fetched").iterdir()
    assert (copies.delete_unused_copies(), copy.stat().st_mode & 0o777) == (0, 0o600)
    os.utime(copy, (1, 1))
    assert copies.delete_unused_copies() == 1
    assert not copy.exists()
