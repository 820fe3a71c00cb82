"""What becomes of people when what belongs together is decided by other rules than before. Reads nothing."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from profiles.builder.closure import Closure
from profiles.builder.recompute import Recomputed, recompute
from profiles.domain.rules.examples import Example, merge_example, review_example, split_example
from profiles.domain.rules.rehoming import HeldAnchor
from profiles.enums import EvidenceState
from profiles.identity.evidence import Outcome
from profiles.identity.rules import Rules

MOST_EXAMPLES = 20


@dataclass(slots=True)
class Consequences:
    """How many people would be merged into others, taken apart or lose an identifier, and how many links refused anew.

    `people` counts everybody who changes; `examples` are some of each kind. `too_large` counts groups of which
    nothing is known but that they would be decided in the background.
    """

    merges: int = 0
    splits: int = 0
    reviews: int = 0
    people: int = 0
    too_large: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, other: "Consequences") -> None:
        """Take over what happens elsewhere; of each kind a third of the examples at most."""
        self.merges += other.merges
        self.splits += other.splits
        self.reviews += other.reviews
        self.people += other.people
        self.too_large += other.too_large
        kinds = Counter(each.kind for each in self.examples)
        for example in other.examples:
            if kinds[example.kind] < MOST_EXAMPLES // 3:
                kinds[example.kind] += 1
                self.examples.append(example)


def consequences(found: Closure, rules: Rules, anchors: Collection[HeldAnchor]) -> Consequences:
    """What deciding these by the rules would change; `anchors` are all of the people, where they will be at home."""
    decided = recompute(found, rules)
    after = _After(decided, anchors)
    merged = after.merged()
    refused = [edge for edge, before in found.edges.values() if _is_news(decided.outcomes[edge.id], before)]
    examples = [
        *(merge_example(rows, decided.outcomes, found, rules) for rows in merged),
        *(split_example(row, after.sets[row]) for row in sorted(after.broken)),
        *(review_example(edge, decided.outcomes[edge.id], found, rules) for edge in refused),
    ]
    return Consequences(
        merges=sum(len(rows) - 1 for rows in merged),
        splits=len(after.broken),
        reviews=len(refused),
        people=len(after.broken.union(*merged, after.gaining())),
        examples=_some(examples),
    )


class _After:
    """Where the identifiers of today's people would be, and the homes of their anchors.

    The same as profiles.builder.rearranging has them be: who does not stay whole goes on where the anchor is at home
    that gave them their id. `broken` are those who do not.
    """

    def __init__(self, decided: Recomputed, anchors: Collection[HeldAnchor]) -> None:
        self._number = {member: number for number, members in enumerate(decided.people) for member in members}
        self.sets: dict[int, set[int | None]] = defaultdict(
            set
        )  # of a person: the sets that have what is theirs
        self._rows: dict[int, set[int]] = defaultdict(set)  # of a set: the people of its identifiers
        for node in decided.stored.values():
            if node.profile is not None:
                number = self._number.get(node.id)
                self.sets[node.profile].add(number)
                if number is not None:
                    self._rows[number].add(node.profile)
        self._goes_on = {each.row: self._place(each) for each in anchors if each.is_birth}
        for each in anchors:
            self.sets[each.row].add(self._place(each))
        self.broken = {row for row, sets in self.sets.items() if len(sets) != 1 or None in sets}

    def merged(self) -> list[list[int]]:
        """The people who become one, two or more at a time."""
        together: dict[int, set[int]] = defaultdict(set)
        for number, rows in self._rows.items():
            together[number] |= rows - self.broken
        for row in self.broken:
            place = self._goes_on.get(row)
            if place is not None:
                together[place].add(row)
        return [sorted(rows) for rows in together.values() if len(rows) > 1]

    def gaining(self) -> set[int]:
        """Those who stay whole and get a part of somebody who does not."""
        parts = [rows for rows in self._rows.values() if len(rows) > 1 and not rows.isdisjoint(self.broken)]
        return set().union(*parts)

    def _place(self, anchor: HeldAnchor) -> int | None:
        return None if anchor.home is None else self._number.get(anchor.home)


def _is_news(now: Outcome, before: Outcome) -> bool:
    return now.state is EvidenceState.REFUSED and before.state is not EvidenceState.REFUSED


def _some(examples: list[Example]) -> list[Example]:
    """Enough of each kind for all that is ever kept."""
    kinds: Counter[str] = Counter()
    kept = []
    for example in examples:
        kinds[example.kind] += 1
        if kinds[example.kind] <= MOST_EXAMPLES // 3:
            kept.append(example)
    return kept
