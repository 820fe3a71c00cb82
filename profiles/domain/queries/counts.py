"""How many people there are: counted while that is quick, estimated from the planner's statistics beyond."""

from dataclasses import dataclass

from compliance.access import Actor, require
from compliance.enums import Operation
from profiles.enums import Lifecycle
from streaming.database import fetch

COUNTED_BYTES = 64 * 1024 * 1024  # of the table; about 100,000 people

_SIZE = "SELECT pg_relation_size('profiles_profile')"
_COUNT = "SELECT count(*), count(*) FILTER (WHERE lifecycle <> %s) FROM profiles_profile"
_ESTIMATE = "EXPLAIN (FORMAT JSON) SELECT 1 FROM profiles_profile"
_VISITORS = """
SELECT coalesce(most_common_freqs[array_position(most_common_vals::text::text[], %s)], 0)
FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'profiles_profile' AND attname = 'lifecycle'
"""


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """`identified` are those known by more than a device. `is_exact` is False for an estimate."""

    total: int
    identified: int
    is_exact: bool

    @property
    def identified_share(self) -> float:
        """Between 0 and 1; 0 while there is nobody."""
        return self.identified / self.total if self.total else 0.0


def people_count(actor: Actor) -> PeopleCount:
    """How many there are now. Raises AccessDenied."""
    require(actor, Operation.HOME_VIEW)
    ((size,),) = fetch(_SIZE)
    if size <= COUNTED_BYTES:
        ((total, identified),) = fetch(_COUNT, [Lifecycle.VISITOR])
        return PeopleCount(total, identified, is_exact=True)
    ((plan,),) = fetch(_ESTIMATE)
    total = plan[0]["Plan"]["Plan Rows"]
    visitors = sum(share for (share,) in fetch(_VISITORS, [Lifecycle.VISITOR]))
    return PeopleCount(total, round(total * (1 - visitors)), is_exact=False)
