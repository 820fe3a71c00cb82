"""What a message's key says can be read back from its columns."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streaming.runtime.message_seen import client_time_of, columns_of, message_key

times = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 -- they get it


@given(st.integers(0, 2**31 - 1), st.text(st.characters(exclude_categories=["Cs"])), times)
def test_the_columns_of_a_key_tell_the_client_time_and_the_source(source, message_id, at):
    column, told_source, _ = columns_of(message_key(source, message_id, at))
    assert (client_time_of(column), told_source) == (at, source)
