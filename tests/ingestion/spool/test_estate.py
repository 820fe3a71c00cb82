"""The spool of a host that died, emptied from its directory: in order, once, as far as one may, and again if need be."""

import time

import pytest

from ingestion.spool.estate import InUse, Settled, settle, spool_root
from ingestion.spool.relay import Relay
from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord
from tests.ingestion.spool.conftest import numbers, records, spooled

DAY = 86400.0


def settled(root, destination, *, window: float = 14 * DAY) -> Settled:
    return settle(root, destination, window=window, now=time.time(), pause=lambda _seconds: None)


@pytest.fixture
def left(make_spool):
    """Spools what a process of the dead host had, and ends it."""

    def leave(name: str, *groups: list[NewRecord], at: float | None = None) -> None:
        spool = make_spool(name)
        for group in groups:
            spooled(spool, group, at=at)
            spool.take_sealed()
        spool.close()

    return leave


def test_all_processes_go_in_the_order_in_which_their_records_were_received(root, left, destination):
    now = time.time()
    left("web-1-100", records(3, first=10), at=now - 30)
    left("web-1-101", records(3), at=now - 40)
    left("web-1-102", records(3, first=20), records(3, first=30), at=now - 20)
    done = settled(root, destination)
    assert numbers(destination.taken) == [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]
    assert (done.records, done.segments, done.too_old, done.bytes_aside) == (12, 4, [], 0)
    assert list(root.iterdir()) == []
    assert settled(root, destination).records == 0, "repeated, it does nothing"


def test_interrupted_it_goes_on(root, left, destination):
    left("web-1-100", *(records(700, first=n * 700) for n in range(5)))
    destination.refuses = lambda _records: LogUnavailable("away") if len(destination.taken) >= 2000 else None
    with pytest.raises(LogUnavailable):
        settled(root, destination)
    assert len(list(root.glob("*/*.spool"))) == 1, "the first segment is in the log and gone, the other stays"
    destination.refuses = lambda _records: None
    settled(root, destination)
    assert numbers(destination.taken) == [*range(2000), *range(700, 3500)]
    assert list(root.iterdir()) == []


def test_what_is_too_old_stays_and_is_named(root, left, destination):
    left("web-1-100", records(3), at=time.time() - 15 * DAY)
    left("web-1-101", records(3, first=3))
    done = settled(root, destination)
    assert numbers(destination.taken) == [3, 4, 5]
    assert done.too_old == list(root.glob("web-1-100/*.spool")) != []
    assert settled(root, destination, window=16 * DAY).records == 3
    assert numbers(destination.taken) == [3, 4, 5, 0, 1, 2]


def test_what_a_relay_had_set_aside_as_too_old_is_named_and_sent_once_it_may_be(
    root, left, make_spool, destination
):
    left("web-1-100", records(3), at=time.time() - 15 * DAY)
    Relay(make_spool("web-1-101"), destination, window=14 * DAY).drain_once()
    done = settled(root, destination)
    assert [path.suffix for path in done.too_old] == [".expired"]
    assert destination.taken == []
    assert settled(root, destination, window=16 * DAY).too_old == []
    assert numbers(destination.taken) == [0, 1, 2]
    assert list(root.iterdir()) == []


def test_damage_costs_its_own_record_alone_and_is_kept(root, left, destination):
    left("web-1-100", records(5))
    [segment] = root.glob("*/*.spool")
    data = segment.read_bytes()
    segment.write_bytes(data.replace(b"2 ", b"? ") + b"torn")
    done = settled(root, destination)
    assert numbers(destination.taken) == [0, 1, 3, 4]
    assert done.bytes_aside == sum(path.stat().st_size for path in root.glob("*.damaged")) > 4


def test_the_directory_of_a_running_process_is_refused(root, make_spool, destination):
    spooled(make_spool("web-1-100"), records(3))
    with pytest.raises(InUse, match="web-1-100"):
        settled(root, destination)
    assert destination.taken == []


def test_in_a_directory_that_is_no_spool_nothing_is_touched(tmp_path, destination):
    (tmp_path / "empty").mkdir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"a cat")
    before = sorted(tmp_path.rglob("*"))
    assert settled(tmp_path, destination) == Settled()
    assert sorted(tmp_path.rglob("*")) == before


def test_it_rests_between_batches(root, left, destination):
    left("web-1-100", records(2500))
    rests: list[float] = []
    settle(root, destination, window=DAY, now=time.time(), pause=rests.append)
    assert len(rests) == 3


def test_a_home_stands_for_the_spool_in_it(tmp_path):
    (tmp_path / "spool").mkdir()
    assert spool_root(tmp_path) == spool_root(tmp_path / "spool") == tmp_path / "spool"
