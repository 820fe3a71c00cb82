"""Buckets: a burst and then a rate, alike in all processes that open the same table."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from hypothesis import given
from hypothesis import strategies as st

from compliance.rates import buckets
from compliance.rates.buckets import Buckets, Table
from tests.conftest import ROOT


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_a_burst_and_then_its_rate():
    clock = Clock()
    each = Buckets(rate=2, burst=3, clock=clock)
    assert [each.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert each.take("b") == 0
    clock.now = 0.5
    assert [each.take("a"), each.take("a")] == [0, 0.5]
    clock.now = 1000
    assert [each.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_many_at_once_pass_whole_and_are_waited_for():
    clock = Clock()
    each = Buckets(rate=10, burst=20, clock=clock)
    assert each.take("a", 100) == 0
    assert each.take("a") == 8.1
    clock.now = 8.1
    assert each.take("a") == 0


def test_looking_takes_nothing():
    each = Buckets(rate=1, burst=1, clock=Clock())
    assert [each.wait("a"), each.wait("a"), each.take("a"), each.wait("a")] == [0, 0, 0, 1]


def test_those_who_asked_longest_ago_are_forgotten(monkeypatch):
    monkeypatch.setattr(buckets, "SLOTS", buckets.WAYS)
    clock = Clock()
    each = Buckets(rate=0.001, burst=1, clock=clock)
    for caller in "abcde":
        clock.now += 1
        assert each.take(caller) == 0
    assert each.take("e") > 0
    assert each.take("a") == 0


def test_limits_that_share_a_table_are_told_apart():
    table = Table()
    one, other = (Buckets(1, 1, name=name, table=table, clock=Clock()) for name in ("search", "export"))
    assert [one.take("a"), other.take("a")] == [0, 0]
    assert one.take("a") == 1


def test_a_table_from_before_the_machine_was_started_anew_holds_nobody_up(tmp_path):
    clock = Clock()
    clock.now = 1_000_000
    before = Buckets(1, 1, table=Table(tmp_path / "rates"), clock=clock)
    assert [before.take("a"), before.take("a")] == [0, 1]
    clock.now = 10
    assert Buckets(1, 1, table=Table(tmp_path / "rates"), clock=clock).take("a") == 0


_TAKE = """
import sys
from pathlib import Path
from compliance.rates.buckets import Buckets, Table
buckets = Buckets(0.0001, 100, name="token", table=Table(Path(sys.argv[1])))
print(sum(buckets.take("a") == 0 for _ in range(100)))
"""


def test_processes_take_from_the_same_bucket(tmp_path: Path):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKE, str(tmp_path / "rates")],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    taken = [int(each.communicate(timeout=60)[0]) for each in running]
    assert 100 <= sum(taken) <= 110, "without a lock a few more may pass at the same microsecond"


@given(st.lists(st.tuples(st.floats(0, 5), st.sampled_from("abc")), max_size=60))
def test_nobody_gets_more_than_the_burst_and_the_rate_since(steps):
    clock = Clock()
    each = Buckets(rate=2, burst=5, clock=clock)
    given_to = dict.fromkeys("abc", 0)
    for pause, caller in steps:
        clock.now += pause
        given_to[caller] += each.take(caller) == 0
        assert given_to[caller] <= 5 + 2 * clock.now + 1e-6


def test_threads_of_a_new_process_open_the_table_at_the_same_moment(tmp_path):
    start = Barrier(8)

    def opened(path: Path) -> Table:
        start.wait(20)
        return Table(path)

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            tables = list(pool.map(opened, [tmp_path / str(number)] * 8))
            assert len({table.find("a")[1] for table in tables}) == 1
