"""When a consumer catches up and when retention overtakes it, against a log that is played through."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.domain.flow.outlook import NEVER, Kept, Outlook, outlook, together
from streaming.domain.flow.pace import Pace, Sample

NOW = datetime(2026, 12, 24, 12, tzinfo=UTC)
rates = st.integers(1, 10_000).map(float)
ages = st.integers(1, 80_000).map(float)


def behind(age: float, arriving: float) -> Sample:
    """A consumer whose next record is that old, in a topic that grew evenly since."""
    lag = max(1, round(age * arriving))
    return Sample(NOW, 0, 10 + lag, 10, NOW - timedelta(seconds=age))


def pace(arriving: float, applied: float) -> Pace:
    """Of a consumer that reads an evenly grown backlog."""
    return Pace(arriving, applied, applied / arriving)


@given(ages, rates, rates)
def test_the_drain_estimate_is_the_moment_at_which_a_played_log_is_read(age, arriving, applied):
    found = outlook(behind(age, arriving), pace(arriving, applied), Kept(), now=NOW)
    if applied <= arriving:
        assert found.drain_seconds == NEVER
        return
    assert found.drain_seconds is not None
    left = found.lag + (arriving - applied) * found.drain_seconds
    assert left == pytest.approx(0, abs=1e-6 * found.lag)


@given(ages, rates, rates)
def test_time_to_loss_is_the_moment_at_which_the_oldest_unread_record_is_as_old_as_is_kept(
    age, arriving, applied
):
    kept = Kept(seconds=86_400)
    found = outlook(behind(age, arriving), pace(arriving, applied), kept, now=NOW)
    if applied >= arriving:
        assert found.loss_seconds == NEVER
        return
    read_to = applied / arriving * found.loss_seconds  # seconds of the log that are read until then
    assert age + found.loss_seconds - read_to == pytest.approx(86_400)


@given(ages, rates)
def test_a_consumer_that_stands_has_exactly_the_rest_of_the_retention(age, arriving):
    kept = Kept(seconds=86_400)
    fast = pace(arriving, 2 * arriving)
    found = outlook(behind(age, arriving), fast, kept, now=NOW, stands=True)
    assert found.loss_seconds == pytest.approx(86_400 - age)
    assert found.drain_seconds == NEVER
    assert found.applied == 0


@given(ages, rates)
def test_a_pace_that_nobody_knows_yet_is_taken_to_be_none(age, arriving):
    found = outlook(behind(age, arriving), Pace(), Kept(seconds=86_400), now=NOW)
    assert found.drain_seconds is None
    assert found.loss_seconds == pytest.approx(86_400 - age)


@given(st.integers(1, 900), rates, rates)
def test_retention_by_size_overtakes_when_the_backlog_has_the_size_that_is_kept(lag, arriving, applied):
    kept = Kept(bytes=100_000, record_bytes=100)
    sample = Sample(NOW, 0, lag, 0, NOW)
    found = outlook(sample, pace(arriving, applied), kept, now=NOW)
    assert found.used == pytest.approx(lag / 1000)
    if arriving > applied:
        assert lag + (arriving - applied) * found.loss_seconds == pytest.approx(1000)
    else:
        assert found.loss_seconds == NEVER


@given(ages, rates, rates, st.integers(100_000, 10_000_000))
def test_keeping_more_never_brings_loss_nearer(age, arriving, applied, longer):
    sample, at = behind(age, arriving), pace(arriving, applied)
    short = outlook(sample, at, Kept(seconds=90_000), now=NOW)
    long = outlook(sample, at, Kept(seconds=longer), now=NOW)
    assert (long.loss_seconds >= short.loss_seconds) == (longer >= 90_000 or short.loss_seconds == NEVER)
    assert outlook(sample, at, Kept(), now=NOW).loss_seconds == NEVER


@given(ages, rates, rates)
def test_the_nearer_of_time_and_size_counts(age, arriving, applied):
    sample, at = behind(age, arriving), pace(arriving, applied)
    by_time, by_size = Kept(seconds=90_000), Kept(bytes=1e9, record_bytes=10)
    both = replace(by_size, seconds=by_time.seconds)
    losses = [outlook(sample, at, kept, now=NOW).loss_seconds for kept in (by_time, by_size)]
    assert outlook(sample, at, both, now=NOW).loss_seconds == min(losses)


def test_what_has_been_overtaken_is_lost():
    gone = Sample(NOW, 100, 100, 40, None)
    found = outlook(gone, Pace(), Kept(seconds=60), now=NOW)
    assert (found.used, found.loss_seconds) == (1.0, 0.0)


def test_who_has_read_all_is_in_no_danger_even_when_it_stands():
    done = Sample(NOW, 0, 50, 50, None)
    found = outlook(done, Pace(5.0, 5.0, 1.0), Kept(seconds=60), now=NOW, stands=True)
    assert (found.lag, found.drain_seconds, found.loss_seconds, found.used) == (0, 0.0, NEVER, 0.0)


def test_partitions_together_are_as_bad_as_the_worst_of_them():
    parts = [
        Outlook(10, 5.0, 1.0, 2.0, 10.0, 100.0, 0.2),
        Outlook(20, 9.0, None, 3.0, NEVER, 50.0, 0.6),
        Outlook(),
    ]
    assert together(parts) == Outlook(30, 9.0, 1.0, 5.0, NEVER, 50.0, 0.6)
    assert together([Outlook(drain_seconds=None), parts[0]]).drain_seconds is None
    assert together([]) == Outlook()
