"""Times as combined records have them."""

from profiles.builder.binary import as_time
from streaming.contracts.profiles import time_text


def text_at(time: int) -> str:
    """The time of PostgreSQL's microseconds, as a text."""
    return time_text(as_time(time))
