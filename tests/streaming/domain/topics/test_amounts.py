"""Times and sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.domain.topics.amounts import bytes_of, duration_text, seconds_of, size_text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("14d", 14 * 86_400), ("2w", 14 * 86_400), ("90m", 5400), ("none", 0), (" 1h ", 3600)],
)
def test_times(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"), [("10GB", 10 * 1024**3), ("512mb", 512 * 1024**2), ("1048576", 1024**2), ("none", 0)]
)
def test_sizes(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "14", "d", "-1d", "0d", "1.5d", "14 days", "9999999999d", "١٤d"])
def test_what_is_no_time_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="as in 14d"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["", "GB", "10XB", "-1GB", "0GB"])
def test_what_is_no_size_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="as in 10GB"):
        bytes_of(text)


@given(st.integers(1, 30 * 86_400))
def test_a_time_is_read_as_it_was_written(seconds):
    assert seconds_of(duration_text(seconds)) == seconds


@given(st.integers(1, 1024**4))
def test_a_size_is_read_as_it_was_written(size):
    assert bytes_of(size_text(size)) == size


def test_no_limit_is_said():
    assert (duration_text(None), size_text(None)) == ("none", "none")
    assert (duration_text(14 * 86_400), size_text(10 * 1024**3)) == ("14d", "10GB")
