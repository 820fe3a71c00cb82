"""The spool of a process: durable before it says so, bounded, and well again after the disk was full."""

import errno
import fcntl
import os
import threading
import time

import pytest

from ingestion.spool import segment as segments
from ingestion.spool.directory import SpoolDirectory
from ingestion.spool.frames import decode_frames
from ingestion.spool.spool import SpoolFull
from tests.ingestion.spool.conftest import NOW, numbers, records, spooled


def on_disk(root) -> list[int]:
    data = [path.read_bytes() for path in sorted(root.rglob("*.spool"))]
    return numbers([frame.spooled.record for each in data for frame in decode_frames(each)])


def test_what_it_promised_is_on_disk(spool, root):
    spooled(spool, records(3), records(2, first=3))
    assert on_disk(root) == [0, 1, 2, 3, 4]
    status = spool.status()
    assert (status.records, status.bytes) == (5, sum(path.stat().st_size for path in root.rglob("*.spool")))


def test_nothing_is_promised_before_it_is_synced(spool, root, monkeypatch):
    """The file's bytes first, then the promise; the directory's entry before the first byte."""
    steps, sync = [], os.fdatasync

    def fdatasync(file):
        steps.append("data")
        sync(file)

    def sync_directory(path):
        steps.append("directory")
        assert not list(path.glob("*.spool")) or not path.name.startswith("host") or on_disk(root) == []

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    monkeypatch.setattr(segments, "sync_directory", sync_directory)
    promise = spool.append(records(1), NOW)
    promise.add_done_callback(lambda _done: steps.append("promise"))
    promise.result(10)
    assert steps[-2:] == ["data", "promise"]
    assert "directory" in steps[:-2]


def test_groups_that_wait_are_written_together(spool, monkeypatch):
    started, go_on, sync, syncs = threading.Event(), threading.Event(), os.fdatasync, []

    def fdatasync(file):
        syncs.append(file)
        started.set()
        go_on.wait(10)
        sync(file)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    first = spool.append(records(1), NOW)
    started.wait(10)
    others = [spool.append(records(1, first=n), NOW) for n in range(1, 50)]
    go_on.set()
    for promise in (first, *others):
        promise.result(10)
    assert len(syncs) <= 3


def test_at_its_cap_it_refuses_and_below_it_takes_again(make_spool, root):
    spool = make_spool(limit=10_000)
    spooled(spool, records(8, size=1000))
    with pytest.raises(SpoolFull, match="holds its limit of 10,000 bytes"):
        spooled(spool, records(3, first=8, size=1000))
    spooled(spool, records(1, first=8, size=100))
    assert on_disk(root) == list(range(9))
    segment = spool.take_sealed()
    assert segment is not None
    spool.discard(segment)
    spooled(spool, records(8, size=1000))
    assert spool.status().records == 8


@pytest.mark.parametrize("step", ["write", "fdatasync"])
def test_a_disk_that_is_full_fails_the_promise_keeps_the_rest_and_recovers_by_itself(
    spool, root, monkeypatch, step
):
    spooled(spool, records(3))
    real = getattr(os, step)

    def full(file, *data):
        if data:
            real(file, bytes(data[0])[: len(data[0]) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    for first in (10, 20):
        with pytest.raises(OSError, match="No space left"):
            spooled(spool, records(3, first=first))
    monkeypatch.undo()
    spooled(spool, records(2, first=3))
    assert on_disk(root) == [0, 1, 2, 3, 4]
    assert spool.status().records == 5


def test_a_group_whose_write_failed_fails_alone(spool, monkeypatch):
    """What is submitted after a failure has its own fate."""
    real, failures = os.fdatasync, iter([True])

    def once(file):
        if next(failures, False):
            raise OSError(errno.EIO, "Input/output error")
        real(file)

    monkeypatch.setattr(os, "fdatasync", once)
    with pytest.raises(OSError, match="Input/output"):
        spooled(spool, records(1))
    spooled(spool, records(1))


def test_a_directory_that_cannot_be_made_fails_the_promise_until_it_can(make_spool, root):
    root.parent.mkdir(parents=True, exist_ok=True)
    root.write_text("in the way")
    spool = make_spool()
    with pytest.raises(OSError, match="spool"):
        spooled(spool, records(1))
    root.unlink()
    spooled(spool, records(1))
    assert on_disk(root) == [0]


def test_another_process_that_looks_into_the_new_directory_fails_no_promise(make_spool, root):
    (root / "host-1").mkdir(parents=True)
    looking = SpoolDirectory.adopt(root / "host-1")
    assert looking is not None
    ending = threading.Timer(0.2, looking.release)
    ending.start()
    spooled(make_spool(), records(3))
    ending.join()
    assert on_disk(root) == [0, 1, 2]


def test_a_file_system_without_locks_costs_no_open_file(tmp_path, monkeypatch):
    opened: list[int] = []
    closed: list[int] = []
    close = os.close

    def flock(file: int, _operation: int) -> None:
        opened.append(file)
        raise OSError(errno.ENOLCK, "No locks available")

    def close_noted(file: int) -> None:
        closed.append(file)
        close(file)

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(os, "close", close_noted)
    with pytest.raises(OSError, match="No locks available"):
        SpoolDirectory.adopt(tmp_path)
    assert len(opened) == 1
    assert opened[0] in closed


def test_files_are_for_their_owner_alone(spool, root):
    spooled(spool, records(1))
    [path] = root.rglob("*.spool")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_age_of_what_waits_is_that_of_the_oldest(spool):
    assert spool.status().oldest is None
    spooled(spool, records(1), at=NOW)
    spooled(spool, records(1), at=NOW - 100)
    assert spool.status().oldest == NOW - 100


def test_closing_finishes_what_was_asked_for(make_spool, root):
    spool = make_spool()
    promises = [spool.append(records(10, first=n * 10), time.time()) for n in range(20)]
    spool.close()
    assert [promise.result(0) for promise in promises] == [None] * 20
    assert on_disk(root) == list(range(200))


def test_an_empty_spool_leaves_no_directory_behind(make_spool, root):
    make_spool().close()
    assert not root.exists() or list(root.iterdir()) == []
