"""What an anchor did on one network, put together from facts.

An account is a pure function of the set of its facts: each part of it is a maximum, or a sum over the items, of
which each is the latest fact of its target. So facts may come in any order, in any batches, and any number of times.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import NamedTuple

from profiles.moments import Moment
from profiles.social.actions import Kind, Subject
from profiles.social.facts import Fact

Target = tuple[Subject, bytes]


class Item(NamedTuple):
    """The latest fact of a target. Of two in one moment that which takes back is the later."""

    moment: Moment
    kind: Kind
    undone: bool
    sentiment: int | None
    reach: int

    @property
    def order(self) -> tuple[int, bool, bytes]:
        """Where it stands among the facts of its target."""
        return self.moment.time, self.undone, self.moment.message


class Known(NamedTuple):
    """What was said last of the account, and when."""

    moment: Moment
    value: str | int


Items = MutableMapping[Target, Item]


@dataclass(slots=True)
class Totals:
    """Of all facts the first and the last time (microseconds since 2000); the rest is of what was not taken back.

    `sentiment` is the sum of the rated items, in thousandths. `purposes` are the distinct records of what the facts
    may be used for (see `compliance.consent`).
    """

    first_at: int
    last_at: int
    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    sentiment: int = 0
    reach: int = 0
    purposes: frozenset[str] = frozenset()

    @property
    def rated(self) -> int:
        """How many items have a sentiment."""
        return self.positive + self.neutral + self.negative

    def count(self, item: Item, by: int) -> None:
        """Add an item (1), or take it out again (-1)."""
        if item.undone:
            return
        self.counts[item.kind] += by
        self.reach += by * item.reach
        if item.sentiment is not None:
            self.sentiment += by * item.sentiment
            self.positive += by * (item.sentiment > 0)
            self.neutral += by * (item.sentiment == 0)
            self.negative += by * (item.sentiment < 0)


@dataclass(slots=True)
class Account:
    """An anchor on one network; without `totals` until the first fact."""

    anchor: str
    network: str
    handle: Known | None = None
    followers: Known | None = None
    totals: Totals | None = None

    def take(self, fact: Fact, items: Items) -> bool:
        """Add a fact of this account. `items` has what is known of its target; whether that item was renewed."""
        time = fact.moment.time
        totals = self.totals = self.totals or Totals(time, time)
        totals.first_at = min(totals.first_at, time)
        totals.last_at = max(totals.last_at, time)
        totals.purposes |= {fact.purposes}
        self.handle = _newest(self.handle, fact.moment, fact.handle)
        self.followers = _newest(self.followers, fact.moment, fact.followers)
        new = Item(fact.moment, fact.action.kind, fact.action.undone, fact.sentiment, fact.reach)
        old = items.get(fact.item)
        if old is not None and old.order >= new.order:
            return False
        if old is not None:
            totals.count(old, -1)
        totals.count(new, 1)
        items[fact.item] = new
        return True


def _newest(known: Known | None, moment: Moment, value: str | int | None) -> Known | None:
    if value is None or (known is not None and known.moment >= moment):
        return known
    return Known(moment, value)
