"""What the slowest consumer asks of whoever writes to the log."""

import math
from typing import NamedTuple

from django.db import connection

from streaming.registry import registered_consumers

SLOW_FROM = 0.80
REFUSE_FROM = 0.95
LONGEST_DELAY_S = 2.0

# Who never began holds nothing back, and neither does who is stopped for good.
_PRESSURE = """
SELECT used, consumer, topic FROM consumer_flow flow
WHERE has_begun AND consumer = ANY(%s) AND NOT EXISTS (
    SELECT FROM consumer_retirement retirement WHERE retirement.consumer = flow.consumer
) ORDER BY used DESC LIMIT 1
"""


class Pressure(NamedTuple):
    """The largest share of what is kept that a consumer leaves unread, and whose it is; 0 when all keep up."""

    used: float = 0.0
    consumer: str = ""
    topic: str = ""

    @property
    def is_felt(self) -> bool:
        """Whether whoever writes has to slow down."""
        return delay_of(self.used) > 0

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.consumer:
            return "no consumer leaves anything unread"
        return f"what {self.consumer} has not read is {self.used:.0%} of what {self.topic} keeps"


def pressure() -> Pressure:
    """As of the last look."""
    with connection.cursor() as cursor:
        cursor.execute(_PRESSURE, [list(registered_consumers())])
        row = cursor.fetchone()
    return Pressure(*row) if row else Pressure()


def delay_of(used: float) -> float:
    """By how many seconds each request is held back at this pressure: none, more and more, then for ever."""
    if used >= REFUSE_FROM:
        return math.inf
    return max(0.0, LONGEST_DELAY_S * (used - SLOW_FROM) / (REFUSE_FROM - SLOW_FROM))
