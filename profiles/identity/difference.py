"""What is different between two partitions of the same identifiers: the dry run of a change."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from profiles.enums import EvidenceState
from profiles.identity.partition import Partition

People = frozenset[int]


class Difference(NamedTuple):
    """`merges` are people of before who are one afterwards, `splits` the parts of one person of before.

    `reviews` are the edges (by id) that are refused now and were not.
    """

    merges: list[tuple[People, ...]]
    splits: list[tuple[People, ...]]
    reviews: list[int]


def difference(before: Partition, after: Partition) -> Difference:
    """What changes from the one to the other. Identifiers that are in no person on a side count for nobody there."""
    return Difference(
        merges=_together(before.people, after.people),
        splits=_together(after.people, before.people),
        reviews=sorted(
            edge
            for edge, outcome in after.outcomes.items()
            if outcome.state is EvidenceState.REFUSED and not _was_refused(before, edge)
        ),
    )


def _together(parts: Iterable[People], wholes: Iterable[People]) -> list[tuple[People, ...]]:
    """For each whole that has members of several parts: these parts."""
    part_of: Mapping[int, People] = {member: part for part in parts for member in part}
    found = []
    for whole in wholes:
        members = dict.fromkeys(part_of[member] for member in sorted(whole) if member in part_of)
        if len(members) > 1:
            found.append(tuple(members))
    return sorted(found, key=lambda each: sorted(map(sorted, each)))


def _was_refused(before: Partition, edge: int) -> bool:
    outcome = before.outcomes.get(edge)
    return outcome is not None and outcome.state is EvidenceState.REFUSED
