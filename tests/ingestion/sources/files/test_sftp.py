"""A real OpenSSH server: its key is compared first, files are read and moved, and what goes wrong is said."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.sftp import CMD_READ

from ingestion.sources.contract import SourceRefused, SourceUnavailable
from ingestion.sources.files import SftpSource
from ingestion.sources.files.sampling import BEGINNING
from ingestion.sources.files.sftp import SftpFolder
from tests.ingestion.sources.files.conftest import Feed, settings_of, table
from tests.sftp_server import SftpServer
from tests.waiting import eventually


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer.running(tmp_path_factory.mktemp("sftp")) as made:
        yield made


@pytest.fixture
def feed(server: SftpServer, home: Path, request: Any) -> Feed:
    """A folder of the server for this test alone."""
    if server.process is None:
        server.start()
    folder = server.files / request.node.name
    (folder / "orders").mkdir(parents=True)
    return Feed(folder, SftpSource(), {**settings_of(folder), **server.settings, "folder": str(folder)})


def test_the_key_of_the_server_is_shown_first_and_nothing_is_sent_before_it_is_compared(feed, server):
    with pytest.raises(SourceRefused) as shown:
        feed.kind.check({**feed.settings, "fingerprint": "", "auth": "password", "password": "the secret"})
    assert server.fingerprint in str(shown.value)
    assert "ssh-ed25519" in str(shown.value)
    with pytest.raises(SourceRefused, match="shows another key than before"):
        feed.kind.check({**feed.settings, "fingerprint": "SHA256:" + "A" * 43})
    assert "no file in it yet" in feed.kind.check(feed.settings)


def test_logins_that_do_not_work_are_said_without_secrets(feed, server):
    def refused(**changes: str) -> str:
        with pytest.raises((SourceRefused, SourceUnavailable)) as raised:
            feed.kind.check({**feed.settings, **changes})
        said = str(raised.value)
        assert not any(secret in said for secret in ("wrong word", server.key[60:90]))
        return said

    other = server.guarded_key
    assert "refused the user, the password or the key" in refused(auth="password", password="wrong word")
    assert "give its passphrase" in refused(private_key=other)
    assert "cannot be read" in refused(private_key=other, passphrase="wrong word")
    assert "cannot be read" in refused(private_key="no key at all")
    assert "no such folder" in refused(folder="/nowhere/at/all")
    assert "Nothing answers" in refused(port="1")
    assert "by its name or address" in refused(host="a b")
    assert "only this machine itself sees" in refused(host="169.254.169.254")
    assert feed.kind.check({**feed.settings, "private_key": other, "passphrase": "secret"})
    assert feed.kind.check({**feed.settings, "private_key": " ".join(server.key.split("\n"))}), (
        "joined on the way"
    )


def test_files_are_read_moved_and_described(feed):
    feed.settings["after"] = "move"
    feed.put("orders/b.csv", table(3, 4), age=500)
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("orders/bad.gz", b"\x1f\x8b\x08 nothing", age=400)
    feed.put("orders/young.csv", table(9, 9), age=1)
    (feed.folder / "orders/link.csv").symlink_to("nowhere")
    read = feed.read()
    assert read.ids == ["1", "2", "3", "4"]
    assert read.reasons[0].startswith("orders/bad.gz: ")
    assert sorted(path.name[:2] for path in (feed.folder / "orders/done").iterdir()) == ["a.", "b."]
    assert len(list((feed.folder / "orders/failed").iterdir())) == 1
    assert [column.name for column in feed.kind.describe(feed.settings, "x").columns][:3] == list(
        feed.columns
    )
    assert [row.values["id"] for row in feed.kind.sample(feed.settings, feed.selection(), rows=2)] == ["9"]


def test_a_folder_that_the_user_may_not_look_into_is_told_and_the_others_are_read(feed):
    feed.settings["pattern"] = "**/*.csv"
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("secret/b.csv", table(3, 4), age=800)
    (feed.folder / "secret").chmod(0)
    read = feed.read()
    assert read.ids == ["1", "2"]
    assert read.notes[0].startswith("Cannot be looked into (permission denied)")
    assert "what is in secret cannot be" in feed.kind.check(feed.settings)
    (feed.folder / "secret").chmod(0o700)
    assert feed.read().ids == ["3", "4"]


def test_what_is_sent_again_is_moved_without_overwriting_what_was_moved_before(feed):
    feed.settings["after"] = "move"
    for _ in range(2):
        path = feed.put("orders/a.csv", table(1, 2), age=900)
        notes = feed.read().notes
        assert not path.exists()
    assert notes == ["Is in just as it is: it is moved, and not read again: orders/a.csv"]
    assert len(list((feed.folder / "orders/done").iterdir())) == 2


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each answer of a server has."""
    sizes: list[int] = []
    answer = paramiko.SFTPClient._read_packet

    def counted(client: paramiko.SFTPClient) -> Any:
        kind, data = answer(client)
        sizes.append(len(data))
        return kind, data

    monkeypatch.setattr(paramiko.SFTPClient, "_read_packet", counted)
    return sizes


def test_of_a_log_only_what_is_asked_for_is_fetched_and_no_thread_is_left(feed, fetched):
    before = set(threading.enumerate())
    feed.settings["growth"] = "growing"
    path = feed.put("orders/a.log", "".join(f'{{"id": {n}, "pad": "{"x" * 1000}"}}\n' for n in range(10_000)))
    assert len(feed.read().rows) == 10_000
    fetched.clear()
    assert "id" in [column.name for column in feed.kind.describe(feed.settings, "x").columns]
    assert sum(fetched) < BEGINNING + (64 << 10), "as much as is looked at"
    with path.open("a") as log:
        log.write('{"id": 10000}\n')
    fetched.clear()
    assert feed.read().ids == [10_000]
    assert sum(fetched) < 2 << 20
    eventually(lambda: set(threading.enumerate()) <= before, "the session's thread has ended", 10)


def test_a_file_that_is_closed_early_leaves_nothing_under_way(feed, fetched):
    before = set(threading.enumerate())
    feed.put("orders/a.csv", table(1, 300_000))
    with feed.kind.opened(feed.settings) as place:
        with place.open("orders/a.csv") as file:
            assert file.read(10) == b"id,email,t"
        assert len({*threading.enumerate()} - before) == 1, "the session's own"
        with place.open("orders/a.csv") as file:
            file.seek(3)
            assert file.read(5) == b"email"
    assert sum(fetched) < 1 << 16
    eventually(lambda: set(threading.enumerate()) <= before, "the session's thread has ended", 10)


def test_the_end_of_a_small_file_is_not_taken_for_all_that_a_server_gives_at_once(feed, fetched):
    feed.put("orders/a.csv", "id\n1\n")
    with feed.kind.opened(feed.settings) as place, place.open("orders/a.csv") as file:
        fetched.clear()
        assert [file.read(1 << 20) for _ in range(3)] == [b"id\n1\n", b"", b""]
    assert len(fetched) < 10


@pytest.mark.parametrize("most", [1 << 20, 1000], ids=["as usual", "a server that gives little at once"])
def test_a_file_is_read_as_it_is_whatever_the_server_gives_at_once(feed, monkeypatch, most):
    content = os.urandom(3 << 20)
    feed.put("orders/a.csv", content)
    ask = paramiko.SFTPClient._async_request

    def given_little(client, file, kind, *asked):
        if kind == CMD_READ:
            asked = (*asked[:-1], min(asked[-1], most))
        return ask(client, file, kind, *asked)

    monkeypatch.setattr(paramiko.SFTPClient, "_async_request", given_little)
    with feed.kind.opened(feed.settings) as place, place.open("orders/a.csv") as file:
        assert b"".join(iter(lambda: file.read(700_000), b"")) == content


def test_a_server_that_dies_while_a_file_is_read_costs_nothing(feed, server, home):
    feed.put("orders/a.csv", table(1, 300), age=500)
    feed.put("orders/b.csv", table(301, 400), age=400)
    first = feed.read(rows=120, most=1)
    state = feed.state
    server.stop()
    with pytest.raises(SourceUnavailable):
        feed.read()
    assert feed.state == state
    server.start()
    rest = feed.read(rows=120)
    assert first.ids + rest.ids == [str(number) for number in range(1, 401)]


def test_a_session_that_breaks_off_within_a_file_is_told_and_the_file_is_read_again(
    feed, server, home, monkeypatch
):
    feed.put("orders/a.csv", table(1, 60_000, total="9" * 200), age=500)
    opened = SftpFolder.open

    @contextmanager
    def torn(self, name):
        with opened(self, name) as file:
            server.stop()
            yield file

    with monkeypatch.context() as patch:
        patch.setattr(SftpFolder, "open", torn)
        with pytest.raises(SourceUnavailable):
            feed.read()
    assert list((home / "fetched").iterdir()) == [], "half a copy is none"
    server.start()
    assert len(feed.read().ids) == 60_000


def test_a_server_that_was_set_up_anew_is_not_spoken_to(feed, server):
    known = server.fingerprint
    server.stop()
    server.make_host_key()
    server.start()
    with pytest.raises(SourceRefused, match="shows another key than before"):
        feed.kind.check({**feed.settings, "fingerprint": known})
