"""Which links no longer hold people together, kept so that a split can explain itself."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg

from profiles.builder import binary
from profiles.builder.cause import Cause
from profiles.builder.merging import MOST_LINKS

if TYPE_CHECKING:
    from profiles.builder.outcome import Split

_STORE = """
INSERT INTO profiles_split (source, target, anchors, evidence, split_at, cause, change_id, decided_by, why)
SELECT source, nullif(target, source), anchors, (%s)[first:last], %s, %s, %s, %s, %s
FROM unnest(%s, %s, %s, %s, %s) AS k(source, target, anchors, first, last)
"""


def store(
    connection: psycopg.Connection[Any], splits: Sequence["Split"], cause: Cause, now: datetime
) -> None:
    """Keep these splits: a row for each of those who took anchors of another person."""
    links: list[int] = []
    rows: list[tuple[str, str, int, int, int]] = []
    for split in splits:
        first = len(links) + 1
        links += split.evidence[:MOST_LINKS]
        rows += [(split.source, target, count, first, len(links)) for target, count in _takers(split).items()]
    if not rows:
        return
    sources, targets, counts, firsts, lasts = zip(*rows, strict=True)
    parameters = (
        binary.bigints(links),
        now,
        *cause.columns,
        cause.why,
        binary.uuids([binary.uuid_bytes(each) for each in sources]),
        binary.uuids([binary.uuid_bytes(each) for each in targets]),
        binary.integers(counts),
        binary.integers(firsts),
        binary.integers(lasts),
    )
    connection.execute(_STORE, parameters)


def _takers(split: "Split") -> Counter[str]:
    """How many anchors each other person took, by public id; under the source's own id, how many nobody did."""
    counts = Counter({person.public_id: 0 for person in split.others if person is not split.rest})
    counts.update(person.public_id if person else split.source for _, person in split.anchors)
    return counts
