"""The short ways of reading a text give what the long ones give."""

from datetime import UTC, datetime

import pytest
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


USUAL = st.from_regex(r"[+-]?[0-9]{1,25}(\.[0-9]{1,25})?", fullmatch=True)


@given(USUAL)
def test_a_number_in_its_usual_form_is_what_it_says(text):
    found = read_number(text)
    assert found == float(text) or found == int(text)
    assert isinstance(found, int) is ("." not in text and len(text.lstrip("+-")) <= 18)


@pytest.mark.parametrize(
    ("text", "found"), [(".5", 0.5), ("1,000.5", 1000.5), ("1e3", 1000.0), ("0" * 18 + "7", 7.0)]
)
def test_a_number_may_be_written_otherwise(text, found):
    assert read_number(text) == found


@pytest.mark.parametrize("text", ["", ".", "1.", "1.2.3", "²", "1.²", "١", "1_0", " 1", "+", "1.-2"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- a bound, as hypothesis wants it
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_a_time_in_its_usual_forms_is_written_as_any_other(at, timespec):
    written = at.isoformat(timespec=timespec)
    expected = time_text(datetime.fromisoformat(written))
    assert read_time(written, time_format="", clock=CLOCK) == expected
    assert read_time(written.replace("+00:00", "Z"), time_format="", clock=CLOCK) == expected
