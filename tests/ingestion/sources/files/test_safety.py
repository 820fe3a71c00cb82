"""A watched folder leads nowhere else, and nothing special in it is opened."""

import os
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from cdp_site.env import read_environment
from ingestion.sources.contract import SourceRefused
from ingestion.sources.files.folder import Folder
from ingestion.sources.files.places import FileGone, FileRefused
from tests.ingestion.sources.files.conftest import table


def test_without_an_allowed_root_it_is_said_how_one_is_allowed(feed, settings):
    settings.WATCHED_FOLDERS = []
    with pytest.raises(SourceRefused, match="WATCHED_FOLDERS=/srv/incoming"):
        feed.kind.check(feed.settings)


def test_a_folder_stands_below_an_allowed_root_behind_all_links(feed, tmp_path):
    (tmp_path / "outside").mkdir()
    (feed.folder / "way out").symlink_to(tmp_path / "outside")
    for folder in (
        "/etc", str(tmp_path), str(tmp_path / "outside"), f"{feed.folder}/../outside", f"{feed.folder}/way out",
        f"{feed.folder}-other", "incoming", "", "~",
    ):  # fmt: skip
        with pytest.raises(SourceRefused, match=r"below a folder that may be watched|the whole path"):
            feed.kind.check({**feed.settings, "folder": folder})
    with pytest.raises(SourceRefused, match="There is no folder"):
        feed.kind.check({**feed.settings, "folder": f"{feed.folder}/nowhere"})
    assert "no file in it yet" in feed.kind.check({**feed.settings, "folder": f"{feed.folder}/orders"})


def test_links_that_lead_out_are_refused_and_told_and_others_are_followed(feed, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text(table(66, 67))
    inside = feed.put("archive/a.csv", table(1, 1))
    (feed.folder / "orders/out.csv").symlink_to(secret)
    (feed.folder / "orders/up.csv").symlink_to("../../secret.csv")
    (feed.folder / "orders/in.csv").symlink_to(inside)
    (feed.folder / "orders/nowhere.csv").symlink_to("/nowhere")
    (feed.folder / "orders/circle.csv").symlink_to("circle.csv")
    (feed.folder / "all").symlink_to(tmp_path)  # a folder behind a link is not entered
    feed.settings["pattern"] = "**"
    for name in ("out", "up", "in", "nowhere", "circle"):
        os.utime(feed.folder / f"orders/{name}.csv", (1, 1), follow_symlinks=False)
    read = feed.read()
    assert set(read.ids) == {"1"}
    assert "66" not in str([batch.state for batch in read.batches])
    assert sum("a link that leads out of the folder" in note for note in read.notes) == 1


def test_a_link_that_changes_after_it_was_looked_at_leads_nowhere_either(feed, tmp_path, monkeypatch):
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "a.csv").write_text(table(66, 67))
    feed.put("orders/a.csv", table(1, 1))
    inside = Folder._inside

    def then_replaced(self, name):
        way = inside(self, name)
        if (feed.folder / "orders").is_symlink():
            return way
        (feed.folder / "orders").rename(feed.folder / "was")
        (feed.folder / "orders").symlink_to(secret)
        return way

    monkeypatch.setattr(Folder, "_inside", then_replaced)
    folder = Folder(feed.folder)
    with pytest.raises((FileGone, FileRefused)), folder.open("orders/a.csv"):
        pass


def test_pipes_sockets_and_devices_are_not_opened(feed):
    os.mkfifo(feed.folder / "orders/pipe.csv")
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(feed.folder / "orders/s.csv"))
    (feed.folder / "orders/null.csv").symlink_to("/dev/null")
    for name in ("pipe", "s"):
        os.utime(feed.folder / f"orders/{name}.csv", (1, 1))
    os.utime(feed.folder / "orders/null.csv", (1, 1), follow_symlinks=False)
    feed.put("orders/a.csv", table(1, 2))
    read = feed.read()
    door.close()
    assert read.ids == ["1", "2"]
    assert any("no plain file" in note and "orders/pipe.csv" in note for note in read.notes)


def test_moving_does_not_follow_a_link_out(feed, tmp_path):
    feed.settings["after"] = "move"
    (tmp_path / "outside").mkdir()
    (feed.folder / "orders/done").symlink_to(tmp_path / "outside")
    feed.put("orders/a.csv", table(1, 2))
    assert feed.read().ids == ["1", "2"]
    assert list((tmp_path / "outside").iterdir()) == []
    assert "its folder is a link" in feed.read().notes[0]


@pytest.mark.parametrize("folders", ["incoming", "/", "/srv/../etc", "{home}", "{home}/uploads", "{above}"])
def test_an_operator_cannot_allow_what_holds_headwaters_own_files(monkeypatch, tmp_path, folders):
    monkeypatch.setenv("HEADWATER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WATCHED_FOLDERS", folders.format(home=tmp_path / "home", above=tmp_path))
    with pytest.raises(ImproperlyConfigured, match="WATCHED_FOLDERS"):
        read_environment()


def test_several_roots_are_separated_by_commas(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADWATER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WATCHED_FOLDERS", "/srv/one, /srv/two")
    assert read_environment().watched_folders == ["/srv/one", "/srv/two"]
