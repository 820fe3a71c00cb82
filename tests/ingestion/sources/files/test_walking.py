"""Folders that cannot be looked into and links that lead nowhere cost only themselves, and a look has an end."""

import os
from collections.abc import Iterator

import pytest

from ingestion.sources.contract import SourceRefused, StreamRefused
from ingestion.sources.files import kind
from ingestion.sources.files.folder import Folder
from tests.ingestion.sources.files.conftest import Feed, table
from tests.permissions import permissions_hold


@pytest.fixture
def shut(feed: Feed) -> Iterator[Feed]:
    """Of three folders one is shut, and of a fourth the files may not be looked at."""
    feed.settings["pattern"] = "**/*.csv"
    for number, name in enumerate(("open", "secret", "listed", "orders"), 1):
        feed.put(f"{name}/{number}.csv", table(number, number), age=900 - number)
    (feed.folder / "secret").chmod(0)
    (feed.folder / "listed").chmod(0o400)
    with permissions_hold():
        yield feed
    for name in ("secret", "listed"):
        (feed.folder / name).chmod(0o700)


def test_a_folder_that_may_not_be_looked_into_is_told_and_the_others_are_read(shut):
    read = shut.read()
    assert read.ids == ["1", "4"]
    [note] = read.notes
    assert note.startswith(
        "Cannot be looked into (permission denied), so that its files wait: give Headwater's user"
    )
    assert sorted(note.rpartition(": ")[2].split(", ")) == ["listed", "secret"]
    said = shut.kind.check(shut.settings)
    assert said.startswith("It can be read: 2 files, such as open/1.csv.")
    assert "what is in listed and 1 more cannot be (permission denied)" in said
    assert len(shut.kind.describe(shut.settings, "x").columns) > 3


def test_what_is_remembered_of_files_in_a_folder_that_is_shut_for_a_while_stays(shut):
    shut.read()
    bad = shut.put("open/bad.csv", b"%PDF-1.7", age=100)
    assert len(shut.read().reasons) == 1
    (shut.folder / "open").chmod(0)
    shut.read()
    (shut.folder / "open").chmod(0o700)
    read = shut.read()
    assert bad.exists()
    assert (read.rows, read.reasons) == ([], [])
    assert "Still cannot be read: open/bad.csv" in read.notes


def test_the_folder_of_one_stream_refuses_that_stream_and_the_place_itself_the_connection(shut):
    shut.settings["pattern"] = "secret/*.csv"
    with pytest.raises(StreamRefused, match=r"secret cannot be looked into \(permission denied\)"):
        shut.read()
    shut.folder.chmod(0o300)
    shut.settings["pattern"] = "**/*.csv"
    with pytest.raises(SourceRefused, match="Headwater may not read") as refused:
        shut.read()
    assert not isinstance(refused.value, StreamRefused)
    shut.folder.chmod(0o700)


def test_a_try_of_the_connection_looks_into_so_many_folders_and_no_more(feed, monkeypatch):
    monkeypatch.setattr(kind, "MOST_FOLDERS", 5)
    for number in range(20):
        (feed.folder / f"empty/{number}").mkdir(parents=True)
    looked, files_in = [], Folder._files_in

    def counted(self, folder, walk):
        looked.append(folder)
        return files_in(self, folder, walk)

    monkeypatch.setattr(Folder, "_files_in", counted)
    assert "no file in the part of it that was looked at" in feed.kind.check(feed.settings)
    assert len(looked) == 5
    monkeypatch.setattr(kind, "CHECK_S", -1.0)
    assert "the part of it that was looked at" in feed.kind.check(feed.settings)
    assert len(looked) == 5


def test_a_link_is_read_as_what_it_leads_to_and_again_when_it_leads_elsewhere(feed):
    feed.put("archive/a.csv", table(1, 2), age=900)
    feed.put("archive/b.csv", table(3, 4), age=800)
    link = feed.folder / "orders/current.csv"
    link.symlink_to("../archive/a.csv")
    assert feed.read().ids == ["1", "2"]
    assert feed.read().batches == []
    link.unlink()
    link.symlink_to("../archive/b.csv")
    assert feed.read().ids == ["3", "4"]
    assert [row.values["id"] for row in feed.kind.sample(feed.settings, feed.selection(), rows=1)] == ["3"]


def test_a_link_that_leads_nowhere_or_keeps_changing_holds_nothing_up(feed, monkeypatch):
    feed.put("orders/a.csv", table(1, 2), age=900)
    for name in ("gone", "round"):
        link = feed.folder / f"orders/{name}.csv"
        link.symlink_to("round.csv" if name == "round" else "../archive/nothing.csv")
        os.utime(link, ns=(int((feed.now - 500) * 1e9),) * 2, follow_symlinks=False)
    targets = [feed.put(f"archive/{each}.csv", table(9, 9 + each), age=300 + each) for each in range(2)]
    changing = feed.folder / "orders/changing.csv"
    changing.symlink_to(targets[0])
    opened = Folder.open

    def meanwhile(self, name):
        if name == "orders/changing.csv":
            changing.unlink()
            targets.reverse()
            changing.symlink_to(targets[0])
        return opened(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "open", meanwhile)
        for expected in (["1", "2"], []):
            read = feed.read()
            assert read.ids == expected
            assert "Cannot be opened, for it is a link that leads nowhere: orders/gone.csv" in str(read.notes)
            assert "Changed while it was read, and waits for the next run: orders/changing.csv" in read.notes
        feed.put("orders/b.csv", table(5, 6), age=100)
        assert feed.read().ids == ["5", "6"]
    assert feed.read().ids[0] == "9"
    columns = [column.name for column in feed.kind.describe(feed.settings, "x").columns]
    assert columns[:3] == list(feed.columns)


def test_the_first_rows_are_those_of_the_newest_file_that_can_be_read(feed):
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("orders/torn", b"%PDF-1.7", age=500)
    assert [row.values["id"] for row in feed.kind.sample(feed.settings, feed.selection(), rows=1)] == ["1"]
    (feed.folder / "orders/a.csv").unlink()
    with pytest.raises(SourceRefused, match="PDF"):
        feed.kind.sample(feed.settings, feed.selection(), rows=1)
