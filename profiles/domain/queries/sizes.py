"""How many identifiers people have, and who has the most. Each in bounded time, so of a sample where there are many."""

from dataclasses import dataclass

from compliance.access import Actor
from compliance.sources import sees_all_sources
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.people import people_of_rows
from profiles.domain.queries.shown import Person
from streaming.database import fetch

LARGEST = 20
MOST_COUNTED = 10_000  # identifiers of one person
_HUBS = 200  # values with the most links, whose people are looked at
_EXACT_BYTES = 4 * 1024 * 1024  # of the table of people; some 10,000 of them
_SAMPLED_BYTES = _EXACT_BYTES // 4
_BOUNDS = (1, 2, 3, 6, 11, 51, 201)
SIZES = ("1", "2", "3 to 5", "6 to 10", "11 to 50", "51 to 200", "more than 200")

_SIZE = "SELECT pg_relation_size('profiles_profile')"
_COUNTED = """(SELECT count(*) FROM (
    SELECT FROM profiles_identifier i WHERE i.profile_id = {person} LIMIT %(most)s
) own)"""
_HISTOGRAM = f"""
WITH chosen AS (SELECT id FROM profiles_profile {{sample}}),
sizes AS (SELECT {_COUNTED.format(person="chosen.id")} AS values FROM chosen)
SELECT width_bucket(values, %(bounds)s), count(*) FROM sizes WHERE values > 0 GROUP BY 1
"""
# Whoever has very many identifiers has a value that links very many.
_LARGEST = f"""
WITH hubs AS (
    SELECT DISTINCT i.profile_id FROM (
        SELECT identifier_id FROM profiles_degree ORDER BY links DESC, identifier_id LIMIT {_HUBS}
    ) d
    JOIN profiles_identifier i ON i.id = d.identifier_id WHERE i.profile_id IS NOT NULL
)
SELECT h.profile_id, {_COUNTED.format(person="h.profile_id")} AS values
FROM hubs h ORDER BY values DESC, h.profile_id LIMIT %(largest)s
"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many people have how many identifiers, by SIZES; shares of a sample unless `is_exact`."""

    counts: list[int]
    is_exact: bool

    @property
    def sampled(self) -> int:
        """How many people were looked at."""
        return sum(self.counts)

    @property
    def bars(self) -> list[tuple[str, int, float]]:
        """Each size with its number, and as a part of the largest."""
        most = max([*self.counts, 1])
        return [(size, count, count / most) for size, count in zip(SIZES, self.counts, strict=True)]


def sizes() -> Sizes:
    """Those of all people, or of some thousands that chance chooses."""
    ((size,),) = fetch(_SIZE)
    is_exact = size <= _EXACT_BYTES
    percent = min(100.0, 100 * _SAMPLED_BYTES / max(size, 1))
    sample = "" if is_exact else f"TABLESAMPLE SYSTEM ({percent:.6f})"
    parameters = {"bounds": list(_BOUNDS), "most": _BOUNDS[-1]}
    found: dict[int, int] = dict(fetch(_HISTOGRAM.format(sample=sample), parameters))
    return Sizes([found.get(bucket, 0) for bucket in range(1, len(_BOUNDS) + 1)], is_exact)


def largest(actor: Actor) -> list[tuple[Person, int]]:
    """Who has the most identifiers, with their number, which is MOST_COUNTED where it is that or more.

    Where identifiers are hidden it is that of the others, and the order may tell of them: nobody is listed.
    """
    if not (Mask(actor).omits_nothing and sees_all_sources(actor)):
        return []
    rows = fetch(_LARGEST, {"largest": LARGEST, "most": MOST_COUNTED})
    counts = {row: count for row, count in rows if count > _BOUNDS[3]}
    people = people_of_rows(actor, list(counts), "identity.largest", {}) if counts else []
    return [(person, counts[person.row]) for person in people]
