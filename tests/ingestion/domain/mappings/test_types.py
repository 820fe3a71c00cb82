"""A time as most programs write it is read like any other, only sooner."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.types import cast_to
from ingestion.domain.values import read_time

CLOCK = time(12, tzinfo=UTC)
START = datetime(1, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def in_forms(at: datetime) -> list[str]:
    parts = ("seconds", "milliseconds", "microseconds")
    return [
        f"{at.isoformat(timespec=part)}{end}"
        for part in parts
        for end in ("Z", "z", "+00:00", "", "+02:00", "Z ")
    ]


@given(at=st.datetimes(), cut=st.integers(0, 30), odd=st.text(max_size=2))
@example(at=START, cut=20, odd="")
@example(at=START, cut=19, odd="\0Z")
@example(at=START, cut=19, odd=".1")
def test_a_time_is_what_the_slow_way_reads(at, cut, odd):
    cast = cast_to("timestamp", time_format="", clock=CLOCK)
    for whole in (*in_forms(at), "2026-W01-1T10:20:30Z", "2026-01-05T10Z", "20260105T102030Z"):
        for text in (whole, whole[:cut] + odd + whole[cut:]):
            try:
                expected = read_time(text.replace("\0", "\ufffd").strip(), time_format="", clock=CLOCK)
            except (ValueError, OverflowError):
                with pytest.raises(PartFailed):
                    cast(text)
            else:
                assert cast(text) == expected
