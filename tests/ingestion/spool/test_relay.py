"""The relay: in order, nothing lost, nothing thrown away before the log has it; the dead are inherited from."""

import errno
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ingestion.spool.aside import waiting_segments
from ingestion.spool.relay import Relay
from ingestion.spool.spool import Spool, SpoolStatus
from ingestion.spool.survey import abandoned
from streaming.contracts.log import LogUnavailable, RecordTooLarge
from streaming.contracts.records import NewRecord
from tests.ingestion.spool.conftest import Destination, numbers, records, spooled
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
DAY = 86400


def test_records_reach_the_log_in_their_order_and_leave_the_disk(spool, relay, destination, root):
    spooled(spool, *(records(700, first=n * 700, size=300) for n in range(5)))
    assert relay.drain_once()
    assert numbers(destination.taken) == list(range(3500))
    assert spool.status().records == 0
    assert not list(root.rglob("*.spool"))
    assert not relay.drain_once()


def test_what_comes_meanwhile_goes_after_it(spool, relay, destination):
    spooled(spool, records(5))
    destination.refuses = lambda _records: (
        spooled(spool, records(5, first=5)) if not destination.taken else None
    )
    relay.drain_once()
    relay.drain_once()
    assert numbers(destination.taken) == list(range(10))


def test_while_the_log_is_away_everything_stays(spool, relay, destination):
    spooled(spool, records(5))
    destination.away = True
    with pytest.raises(LogUnavailable):
        relay.drain_once()
    assert spool.status().records == 5
    spooled(spool, records(5, first=5))
    destination.away = False
    relay.drain_once()
    relay.drain_once()
    assert numbers(destination.taken) == list(range(10))


def test_after_a_failure_it_goes_on_behind_what_was_acknowledged(spool, relay, destination):
    spooled(spool, records(3500))
    destination.refuses = lambda _records: LogUnavailable("away") if len(destination.taken) >= 2000 else None
    with pytest.raises(LogUnavailable):
        relay.drain_once()
    destination.refuses = lambda _records: None
    relay.drain_once()
    assert numbers(destination.taken) == list(range(3500))


def test_a_record_that_the_log_will_never_take_is_set_aside_alone(spool, relay, destination, root, caplog):
    spooled(spool, records(100))
    destination.refuses = lambda given: RecordTooLarge("too large") if 42 in numbers(given) else None
    relay.drain_once()
    assert numbers(destination.taken) == [n for n in range(100) if n != 42]
    [aside] = root.glob("*.refused")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert str(aside) in caplog.text
    assert aside.read_bytes() == b"42 "


def test_a_torn_or_damaged_segment_gives_its_intact_records_and_the_rest_is_set_aside(
    spool, relay, destination, root
):
    spooled(spool, records(10))
    segment = spool.take_sealed()
    whole = segment.path.read_bytes()
    segment.path.write_bytes(whole[:-3])
    relay.drain_once()
    assert numbers(destination.taken) == list(range(9))
    [aside] = root.glob("*.damaged")
    assert aside.stat().st_mode & 0o777 == 0o600
    assert whole[:-3].endswith(aside.read_bytes())
    assert not list(root.rglob("*.spool"))


def test_a_corrupt_record_in_the_middle_is_set_aside_alone_and_shown(spool, relay, destination, root, caplog):
    spooled(spool, records(10))
    segment = spool.take_sealed().path
    data = segment.read_bytes()
    fourth = data.index(b"4 ")
    segment.write_bytes(data[:fourth] + b"?" + data[fourth + 1 :])
    relay.drain_once()
    assert numbers(destination.taken) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    [aside] = root.glob("*.damaged")
    assert (data[:fourth] + b"?" + data[fourth + 1 :]).count(aside.read_bytes()) == 1
    assert aside.read_bytes().endswith(b"? ")
    assert f"{aside.stat().st_size} bytes of a spooled segment were set aside as {aside}" in caplog.text
    relay._survey()
    assert relay.bytes_aside == aside.stat().st_size


def test_a_drain_leaves_the_log_to_others_for_half_of_the_time(spool, destination):
    """However much waits: after each batch it rests for as long as the batch took."""
    spooled(spool, *(records(1000, first=n * 1000) for n in range(6)))
    spans: list[tuple[float, float]] = []

    def takes_a_while(_records):
        began = time.monotonic()
        time.sleep(0.03)  # the log's work
        spans.append((began, time.monotonic()))

    destination.refuses = takes_a_while
    Relay(spool, destination, window=DAY).drain_once()
    assert len(spans) == 6
    for (began, ended), (following, _) in pairwise(spans):
        assert following - ended >= 0.99 * (ended - began)


def test_the_spooled_records_of_a_key_keep_their_order(spool, relay, destination):
    made = [NewRecord(f"events.{n % 3}", b"key %d" % (n % 7), b"%d " % n) for n in range(2500)]
    spooled(spool, made[:1200], made[1200:])
    relay.drain_once()
    for key in {record.key for record in made}:
        assert [each for each in destination.taken if each.key == key] == [
            each for each in made if each.key == key
        ]


def test_told_to_stop_amid_a_segment_of_the_dead_it_sends_nothing_of_the_next(make_spool, relay, destination):
    dead = make_spool("dead")
    spooled(dead, records(1500))
    dead.take_sealed()
    spooled(dead, records(10, first=1500))
    dead.close()
    destination.refuses = lambda _records: relay._stop.set()
    relay.drain_once()
    assert numbers(destination.taken) == list(range(1000))


def test_a_disk_of_its_own_may_hold_directories_that_are_not_the_spools(
    make_spool, relay, destination, monkeypatch, caplog
):
    """Such as `lost+found`, which belongs to root: it keeps nothing from being drained, and is not touched."""
    dead = make_spool("dead")
    spooled(dead, records(5))
    dead.close()
    root = dead.root
    (root / "lost+found").mkdir()
    scan = os.scandir

    def scandir(path):
        if Path(path).name == "lost+found":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    relay._survey()
    relay.drain_once()
    assert numbers(destination.taken) == list(range(5))
    assert [path.name for path in root.iterdir()] == ["lost+found"]
    assert f"{root}/lost+found may not be read: if it holds events" in caplog.text


def test_what_was_set_aside_is_never_replaced(spool, relay, destination, root):
    destination.refuses = lambda _records: RecordTooLarge("too large")
    for number in range(2):
        spooled(spool, records(1, first=number))
        relay.drain_once()
    assert sorted(path.read_bytes() for path in root.glob("*.refused")) == [b"0 ", b"1 "]


def test_a_spool_older_than_duplicates_are_recognised_is_not_sent(spool, relay, destination, root, caplog):
    spooled(spool, records(5), at=time.time() - 15 * DAY)
    relay.drain_once()
    assert destination.taken == []
    [aside] = root.glob("*/*.expired")
    assert (aside.stat().st_mode & 0o777, aside.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert f"waits as {aside}; to send it all the same, raise SPOOL_WINDOW_DAYS" in caplog.text
    assert f"rename the file to {aside.stem}.spool" in caplog.text


def test_what_expired_counts_as_waiting_until_it_is_sent_as_the_log_says(spool, relay, destination, root):
    at = time.time() - 15 * DAY
    for first in (0, 5):
        spooled(spool, records(5, first=first), at=at)
        relay.drain_once()
    waiting = abandoned(root)
    assert (waiting.records, waiting.bytes) == (
        10,
        sum(path.stat().st_size for path in waiting_segments(root)),
    )
    assert waiting.oldest == pytest.approx(at, abs=0.001)

    for aside in root.glob("*/*.expired"):
        aside.rename(aside.with_suffix(".spool"))
    assert abandoned(root).records == 10
    Relay(spool, destination, window=16 * DAY).drain_once()
    assert numbers(destination.taken) == list(range(10))
    assert abandoned(root) == SpoolStatus()
    assert waiting_segments(root) == []


def test_what_is_renamed_and_still_too_old_stays(spool, relay, destination, root):
    spooled(spool, records(5), at=time.time() - 15 * DAY)
    relay.drain_once()
    [aside] = root.glob("*/*.expired")
    aside.rename(aside.with_suffix(".spool"))
    Relay(spool, destination, window=14 * DAY).drain_once()
    assert destination.taken == []
    assert waiting_segments(root) == [aside]


def test_a_segment_that_cannot_be_moved_stays_in_the_spool(spool, relay, root, monkeypatch):
    spooled(spool, records(5), at=time.time() - 15 * DAY)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", lambda _path, _to: (_ for _ in ()).throw(OSError("no space")))
        with pytest.raises(OSError, match="no space"):
            relay.drain_once()
    assert spool.status().records == 5
    relay.drain_once()
    assert abandoned(root).records == 5


def test_it_drains_by_itself_once_the_log_is_there(spool, relay, destination):
    destination.away = True
    relay.start()
    spooled(spool, records(5))
    destination.away = False
    eventually(lambda: numbers(destination.taken), until=lambda found: found == list(range(5)))
    relay.stop()


DYING = """
import os, signal, sys, time
from pathlib import Path
from ingestion.spool.spool import Spool
from tests.ingestion.spool.conftest import records
spool = Spool(Path(sys.argv[1]), sys.argv[3], limit=10**9)
for number in range(int(sys.argv[2])):
    spool.append(records(1, first=number), time.time()).result(10)
    print(number, flush=True)
"""


def dying(
    root: Path, failpoints: str = "", count: int = 10_000, name: str = "dying"
) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "HEADWATER_FAILPOINTS": failpoints,
    }
    return subprocess.Popen(
        [sys.executable, "-c", DYING, str(root), str(count), name],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment,
    )  # fmt: skip


@pytest.mark.fault
@pytest.mark.parametrize("failpoint", ["", "spool.after_write=kill@30", "spool.before_fsync=kill@30"])
def test_what_a_killed_process_promised_is_inherited_once_it_is_dead(
    spool, relay, destination, root, failpoint
):
    process = dying(root, failpoint)
    assert process.stdout is not None
    promised = [int(line) for _, line in zip(range(20), process.stdout, strict=False)]
    if not failpoint:
        relay.drain_once()
        assert destination.taken == [], "it lives: its spool is its own"
        process.send_signal(signal.SIGKILL)
    promised += [int(line) for line in process.stdout if line.endswith("\n")]
    process.wait(30)
    process.stdout.close()
    Relay(spool, destination, window=DAY).drain_once()
    taken = numbers(destination.taken)
    assert taken == list(range(len(taken)))
    assert len(promised) <= len(taken) <= len(promised) + 1
    assert not (root / "dying").exists()


@pytest.mark.fault
def test_a_relay_killed_between_the_log_and_its_note_sends_again_and_loses_nothing(root, spool, destination):
    """The records go twice, with the same message ids: whoever applies them drops the second."""
    process = dying(root, count=1200)
    process.communicate(timeout=60)
    first, second = Destination(), destination
    first.refuses = lambda _records: LogUnavailable("killed here") if len(first.taken) >= 1000 else None
    with pytest.raises(LogUnavailable):
        Relay(spool, first, window=DAY).drain_once()
    Relay(spool, second, window=DAY).drain_once()
    assert numbers(first.taken) == list(range(1000))
    assert numbers(second.taken) == list(range(1200))


@pytest.mark.fault
def test_several_processes_spool_below_one_directory(root, spool, destination):
    """Each writes segments of its own; of those that are killed all is inherited, in the order of each."""
    writers = [dying(root, name=f"web-1-{n}", count=300) for n in range(3)]
    for writer in writers:
        writer.communicate(timeout=60)
    Relay(spool, destination, window=DAY).drain_once()
    taken = numbers(destination.taken)
    assert sorted(taken) == sorted([*range(300)] * 3)
    assert taken == [*range(300)] * 3


def test_two_processes_never_inherit_the_same_directory(root, make_spool):
    dead = make_spool("dead")
    spooled(dead, records(100))
    dead.close()
    destinations = [Destination(), Destination()]
    spools: list[Spool] = [make_spool("one"), make_spool("two")]
    relays = [Relay(s, d, window=DAY) for s, d in zip(spools, destinations, strict=True)]
    for relay in relays:
        relay.start()
    eventually(lambda: sum(len(each.taken) for each in destinations), until=lambda found: found >= 100)
    for relay in relays:
        relay.stop()
    assert sorted(numbers([*destinations[0].taken, *destinations[1].taken])) == list(range(100))
