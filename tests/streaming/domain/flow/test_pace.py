"""Rates from one look to the next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.domain.flow.pace import Pace, Sample, next_pace

START = datetime(2026, 12, 24, 12, tzinfo=UTC)
steps = st.lists(st.floats(0.5, 600), min_size=1, max_size=20)


def at(seconds: float, arriving: float, applied: float) -> Sample:
    """A log that began with a backlog of an hour, both growing evenly."""
    moment = START + timedelta(seconds=seconds)
    unread_since = START - timedelta(hours=1) + timedelta(seconds=seconds * applied / arriving)
    return Sample(moment, 0, round(1e9 + arriving * seconds), round(applied * seconds), unread_since)


@given(steps, st.integers(1, 1000), st.integers(0, 1000))
def test_even_rates_are_found_at_once_and_stay(steps, arriving, applied):
    seconds, pace, former = 0.0, Pace(), at(0, arriving, applied)
    for step in steps:
        seconds += step
        sample = at(seconds, arriving, applied)
        pace, former = next_pace(former, pace, sample), sample
        assert pace.arriving == pytest.approx(arriving, abs=2)
        assert pace.applied == pytest.approx(applied, abs=2)
        assert pace.gaining == pytest.approx(applied / arriving, rel=1e-3, abs=1e-3)


@given(steps)
def test_a_consumer_that_stops_is_seen_to_stand_within_minutes(steps):
    former, pace = at(0, 10, 10), Pace(10.0, 10.0, 1.0)
    stands = Sample(former.at, 0, former.end, former.position, former.unread_since)
    seconds = 0.0
    for step in [*steps, 600.0]:
        seconds += step
        moment = START + timedelta(seconds=seconds)
        sample = Sample(moment, 0, stands.end, stands.position, stands.unread_since)
        pace, former = next_pace(former, pace, sample), sample
        assert pace.applied is not None
        assert 0 <= pace.applied <= 10
    assert pace.applied is not None
    assert pace.applied < 0.01
    assert pace.gaining is not None
    assert pace.gaining < 0.01


def test_who_has_read_all_keeps_its_distance():
    former = Sample(START, 0, 10, 10, None)
    sample = Sample(START + timedelta(seconds=5), 0, 60, 60, None)
    assert next_pace(former, Pace(), sample) == Pace(10.0, 10.0, 1.0)


def test_a_topic_made_anew_has_no_pace_yet_and_a_position_set_back_neither():
    former = Sample(START, 0, 100, 50, START)
    later = START + timedelta(seconds=10)
    known = Pace(1.0, 1.0, 1.0)
    assert next_pace(former, known, Sample(later, 0, 5, 0, later)) == Pace()
    set_back = next_pace(former, known, Sample(later, 0, 110, 0, START))
    assert set_back == Pace(1.0, None, None)
    assert next_pace(former, known, Sample(START, 0, 100, 50, START)) == known
