"""The short ways of reading a text give what the long ones give."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingestion.domain.events.times import time_text
from ingestion.domain.values import read_number, read_time, time_clock

CLOCK = time_clock()


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False).map(lambda each: f"{each:.6f}"))
def test_a_number_with_a_point_is_the_nearest_float(text):
    assert read_number(text) == float(text)
    assert read_number(f"-{text}") == -float(text)
    assert isinstance(read_number(text), float)


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- a bound, as hypothesis wants it
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_a_time_in_its_usual_forms_is_written_as_any_other(at, timespec):
    written = at.isoformat(timespec=timespec)
    expected = time_text(datetime.fromisoformat(written))
    assert read_time(written, time_format="", clock=CLOCK) == expected
    assert read_time(written.replace("+00:00", "Z"), time_format="", clock=CLOCK) == expected
