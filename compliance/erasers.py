"""Port: who takes a person out of a store. Whoever registers a store of personal data that can be searched brings one.

An erasure suppresses the identifiers first, then asks each eraser until it is done. A store whose records go by their age
alone (a topic of the log, a cache of minutes) needs none.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from compliance.stores import registered_stores


class Identifier(NamedTuple):
    """A namespace, and a value in its normal form (`compliance.identifiers`)."""

    namespace: str
    value: str


class Erased(NamedTuple):
    """What a step took out, and whether the store has been looked through to its end: `next` is where to go on, else None."""

    records: int
    next: int | None


Erase = Callable[[Collection[Identifier], int, datetime], Erased]
"""Take out what belongs to these identifiers, from a place on (0 at first), in one transaction that ends soon.

Taking out again what was taken out is right and does nothing.
"""

_erasers: dict[str, Erase] = {}


def register_eraser(store: str, erase: Erase) -> None:
    """Have `erase` take people out of this store. Raises ValueError for an unknown store, or when it has another one."""
    if store not in {each.name for each in registered_stores()}:
        raise ValueError(f"there is no store {store!r}: register it before its eraser")
    if _erasers.setdefault(store, erase) is not erase:
        raise ValueError(f"two erasers are registered for {store!r}")


def registered_erasers() -> Mapping[str, Erase]:
    """All of them, by the name of their store."""
    return dict(sorted(_erasers.items()))


def erase_everywhere(identifiers: Collection[Identifier], *, now: datetime) -> Mapping[str, int]:
    """Ask every eraser until it is done; how many records each took out. Interrupted, it is to be called again."""
    return {store: _erase(erase, identifiers, now) for store, erase in registered_erasers().items()}


def _erase(erase: Erase, identifiers: Collection[Identifier], now: datetime) -> int:
    records, place = 0, 0
    while True:
        step = erase(identifiers, place, now)
        records += step.records
        if step.next is None:
            return records
        place = step.next
