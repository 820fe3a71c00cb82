"""The four times of an event: all kept raw, and the one to use corrected for the client's clock and clamped."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.events.times import EARLIEST, canonical_text, parse_time, time_text, usable_time

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.just(UTC))


def times(sent_at=None, **item):
    envelope = Envelope(source_id=1, received_at=NOW, sent_at=sent_at)
    event = accept_item({"type": "track", "userId": "u", "event": "E", **item}, envelope)
    return {
        key: event.get(key)
        for key in ("original_timestamp", "sent_at", "timestamp", "client_time", "raw_timestamp")
    }


def test_without_any_time_it_is_the_time_of_arrival():
    assert times() == {
        "original_timestamp": None, "sent_at": None, "timestamp": "2026-11-24T12:00:00.000000Z", "client_time": None,
        "raw_timestamp": None,
    }  # fmt: skip


def test_a_clock_that_is_wrong_by_a_day_is_corrected():
    found = times(sent_at="2026-11-25T12:00:10Z", originalTimestamp="2026-11-25T12:00:00Z")
    assert found["timestamp"] == "2026-11-24T11:59:50.000000Z"
    assert found["original_timestamp"] == "2026-11-25T12:00:00Z"
    assert found["client_time"] == "2026-11-25T12:00:00.000000Z"


def test_the_identity_does_not_depend_on_when_it_was_sent():
    first, again = (
        times(sent_at=at, timestamp="2026-11-24T10:00:00Z")
        for at in ("2026-11-24T11:00:00Z", "2026-11-24T12:00:00Z")
    )
    assert first["client_time"] == again["client_time"]
    assert first["timestamp"] != again["timestamp"]


def test_the_sent_at_of_an_item_goes_before_that_of_its_batch():
    found = times(
        sent_at="2020-01-01T00:00:00Z", sentAt="2026-11-24T11:00:00Z", timestamp="2026-11-24T10:00:00Z"
    )
    assert (found["sent_at"], found["timestamp"]) == ("2026-11-24T11:00:00Z", "2026-11-24T11:00:00.000000Z")


def test_who_states_both_times_means_the_second():
    found = times(
        sent_at="2026-11-24T11:00:00Z",
        originalTimestamp="2026-11-24T10:00:00Z",
        timestamp="2020-02-01T10:00:00Z",
    )
    assert (found["timestamp"], found["raw_timestamp"]) == (
        "2020-02-01T10:00:00.000000Z",
        "2020-02-01T10:00:00Z",
    )
    assert found["client_time"] == "2026-11-24T10:00:00.000000Z"


def test_an_event_of_a_slow_batch_keeps_its_distance_to_its_neighbours():
    """The skew is one number for the request, so it cannot reorder the events of a batch."""
    stamps = [f"2026-11-24T09:00:{second:02}Z" for second in range(0, 60, 7)]
    used = [times(sent_at="2026-11-24T11:30:00Z", timestamp=stamp)["timestamp"] for stamp in stamps]
    assert used == sorted(used)
    first, second = map(datetime.fromisoformat, used[:2])
    assert second - first == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        ("2026-01-02 03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        (1_767_323_045, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (1_767_323_045_000, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("yesterday", None), ("", None), (None, None), (True, None), ([], None), (2**70, None), (float("inf"), None),
        (float("nan"), None), ("0001-01-01T00:00:00+23:59", None),
    ],
)  # fmt: skip
def test_times_as_clients_write_them(written, read):
    assert parse_time(written) == read


@given(claimed=MOMENTS, received_at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- the zone is given beside it
       skew=st.none() | st.timedeltas())  # fmt: skip
def test_the_time_to_use_lies_between_the_earliest_and_the_arrival(claimed, received_at, skew):
    at = usable_time(claimed, skew, received_at)
    assert EARLIEST <= at <= received_at
    if skew is None and EARLIEST <= claimed <= received_at:
        assert at == claimed


@given(
    MOMENTS.map(datetime.isoformat)
    | MOMENTS.map(lambda at: at.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    | MOMENTS.map(lambda at: at.isoformat(timespec="microseconds").replace("+00:00", "Z"))
    | MOMENTS.map(lambda at: at.isoformat(timespec="seconds").replace("+00:00", "Z"))
    | MOMENTS.map(lambda at: f"{at.date().isoformat()}T{at:%H%M%S}.5Z")
    | st.integers(1, 52).map(lambda week: f"2026-W{week:02d}-1T10:00:00.123Z")
)
def test_the_short_way_to_the_canonical_form_gives_the_same(written):
    read = parse_time(written)
    assert read is not None
    assert canonical_text(written, read) == time_text(read)


@given(MOMENTS)
def test_times_are_written_so_that_they_sort_and_read_back(at):
    assert parse_time(time_text(at)) == at
    assert len(time_text(at)) == len("2026-11-24T12:00:00.000000Z")
