"""How often pages that renew themselves look: bounded by what all of their looks cost together."""

import pytest

from ingestion.admin.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(share=0.05, clock=clock)


def looks(clock, pace, *, watchers: int, cost: float, seconds: float = 60.0) -> int:
    """How often so many watchers look in that time, each when it is told to."""
    end, count = clock.now + seconds, 0
    due = [clock.now + number / watchers for number in range(watchers)]
    while min(due) < end:
        who = due.index(min(due))
        clock.now = max(clock.now, due[who]) + cost
        due[who] = clock.now + pace.pause(cost)
        count += 1
    return count


def test_a_cheap_look_is_repeated_each_second(clock, pace):
    assert pace.pause(0.01) == 1.0


def test_after_a_dear_look_the_pause_is_as_much_longer(clock, pace):
    assert pace.pause(0.2) == pytest.approx(4.0)
    clock.now += 4.0
    assert pace.pause(0.01) == 1.0


def test_ten_watchers_together_cost_no_more_than_the_share(clock, pace):
    alone = looks(clock, Pace(share=0.05, clock=clock), watchers=1, cost=0.04, seconds=600.0)
    together = looks(clock, pace, watchers=10, cost=0.04, seconds=600.0)
    assert together * 0.04 == pytest.approx(600 * 0.05, rel=0.1)
    assert together < 2 * alone


def test_ten_watchers_of_cheap_looks_all_look_each_second(clock, pace):
    assert looks(clock, pace, watchers=10, cost=0.004) == pytest.approx(600, rel=0.05)


def test_nobody_waits_longer_than_the_longest_pause(clock, pace):
    assert pace.pause(7.0) == 10.0
    assert pace.pause(7.0) == 10.0
    clock.now += 10.0
    assert pace.pause(0.01) == 1.0
