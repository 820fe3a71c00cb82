"""How far the sealer is."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

LATE = timedelta(seconds=60)  # it works each second; so much is no matter of chance
_MOST_COUNTED = 100_000

_OLDEST = """
SELECT clock_timestamp() - at FROM compliance_auditentry WHERE sealed_hash IS NULL ORDER BY id LIMIT 1
"""
_COUNT = f"SELECT count(*) FROM (SELECT FROM compliance_auditentry WHERE sealed_hash IS NULL LIMIT {_MOST_COUNTED}) few"


@dataclass(frozen=True, slots=True)
class Unsealed:
    """The rows that wait for the sealer: how many (a hundred thousand stands for as many or more), how old."""

    count: int
    age: timedelta

    @property
    def is_late(self) -> bool:
        """Whether the sealer does not run, or does not keep up."""
        return self.age > LATE


def unsealed() -> Unsealed:
    """What waits now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        oldest = cursor.fetchone()
        if oldest is None:
            return Unsealed(0, timedelta())
        cursor.execute(_COUNT)
        (count,) = cursor.fetchone()
    return Unsealed(count, max(oldest[0], timedelta()))
