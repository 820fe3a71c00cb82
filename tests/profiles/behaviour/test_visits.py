"""Visits are a function of the set of their events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.behaviour import visits
from profiles.behaviour.kinds import Kind
from profiles.behaviour.visits import Visit, join
from profiles.sessions.cutting import cut
from profiles.sessions.points import Mark, Point
from tests.profiles.behaviour.given import HALF_AN_HOUR, SECOND, fact, single

MINUTES = st.lists(st.integers(0, 400), min_size=1, max_size=24)


def visits_of(minutes: list[int]) -> list[Visit]:
    return join([single(fact(60 * each)) for each in minutes], HALF_AN_HOUR)


@given(MINUTES)
def test_visits_are_parted_by_pauses_and_by_nothing_else(minutes):
    found = visits_of(minutes)
    times = [[each.time // (60 * SECOND) for each in visit.facts] for visit in found]
    assert [time for visit in times for time in visit] == sorted(set(minutes))
    assert all(after - before <= 30 for visit in times for before, after in pairwise(visit))
    assert all(after[0] - before[-1] > 30 for before, after in pairwise(times))


@given(MINUTES, st.data())
def test_order_batches_and_repetition_change_nothing(minutes, data):
    waiting = data.draw(st.permutations([*minutes, *minutes[:5]]))
    known: list[Visit] = []
    while waiting:
        size = data.draw(st.integers(1, len(waiting)))
        batch, waiting = waiting[:size], waiting[size:]
        known = join([*known, *(single(fact(60 * each)) for each in batch)], HALF_AN_HOUR)
    assert known == visits_of(minutes)


@given(MINUTES, st.data())
def test_nor_do_they_for_visits_with_more_than_is_kept(minutes, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits, "MOST_FACTS", 3)
        cut = data.draw(st.integers(0, len(minutes)))
        shuffled = data.draw(st.permutations(minutes))
        parts = [*visits_of(shuffled[:cut]), *visits_of(shuffled[cut:])]
        found = join(parts, HALF_AN_HOUR)
        assert found == visits_of(minutes)
        assert all(len(visit.facts) == 3 for visit in found if visit.is_cut)


@pytest.mark.parametrize(("mark", "parted"), [(Mark.START, [2, 3]), (Mark.END, [3, 2])])
def test_a_late_mark_parts_a_visit_with_more_than_is_kept(mark, parted, monkeypatch):
    monkeypatch.setattr(visits, "MOST_FACTS", 4)
    (long,) = visits_of([0, 2, 4, 6, 8, 10])
    first, second = join([long, single(fact(60 * 3, mark=mark))], HALF_AN_HOUR)
    assert [len(first.facts), len(second.facts)] == parted
    assert (first.last_at, first.is_cut) == (first.facts[-1].time, False)
    assert (second.last_at, second.is_cut) == (long.last_at, True)


def test_a_late_event_joins_two_visits_and_keeps_the_id_of_the_first():
    first, second = visits_of([0, 45])
    (joined,) = join([first, second, single(fact(60 * 20))], HALF_AN_HOUR)
    assert joined.id == first.id != second.id
    assert joined.last_at == second.last_at


def test_starts_and_ends_part_visits_as_they_do_for_sessions():
    marked = [(0, Mark.START), (5, Mark.NONE), (9, Mark.END), (10, Mark.NONE), (12, Mark.START)]
    found = join([single(fact(60 * minute, mark=mark)) for minute, mark in marked], HALF_AN_HOUR)
    assert [len(visit.facts) for visit in found] == [3, 1, 1]


_MARKED = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Mark)), min_size=1, max_size=10, unique=True)


@given(_MARKED)
def test_visits_are_those_of_sessions(marked):
    """Whatever marks meet at one instant."""
    events = [fact(600 * time, mark=mark) for time, mark in marked]
    expected = cut([Point(each.time, each.mark, None, "") for each in events], HALF_AN_HOUR)
    found = join([single(each) for each in events], HALF_AN_HOUR)
    assert [(len(visit.facts), visit.first_at, visit.last_at) for visit in found] == [
        (visit.events, visit.first, visit.last) for visit in expected
    ]


def test_the_id_of_an_sdk_keeps_a_visit_together():
    keyed = [single(fact(3600 * hour), key="s1") for hour in range(3)]
    (visit,) = join(keyed, HALF_AN_HOUR)
    assert (len(visit.facts), visit.id) == (3, keyed[2].id)


def test_a_visit_is_shown_once_something_was_done_in_it():
    assert not single(fact(0, Kind.VIEW)).is_shown
    assert single(fact(0, Kind.SCROLL)).is_shown
