"""Times that callers write."""

from datetime import UTC, datetime

import pytest

from streaming.api.times import time_in


@pytest.mark.parametrize(
    "text", ["2026-05-03T10:00:00Z", "2026-05-03T12:00:00+02:00", "2026-05-04T09:59:00+23:59"]
)
def test_a_time_with_its_zone_is_read_in_utc(text):
    time = time_in(text)
    assert time == datetime(2026, 5, 3, 10, tzinfo=UTC)
    assert time.tzinfo is UTC


@pytest.mark.parametrize(
    "value",
    [
        None, 7, "", "x", "2026-05-03", "2026-05-03T10:00:00", "2026-13-45T10:00:00Z", "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59", ["2026-05-03T10:00:00Z"],
    ],
)  # fmt: skip
def test_anything_else_is_none(value):
    assert time_in(value) is None
