"""Identifiers that were given to another person: for each holder it is an identifier of its own. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from profiles.identity.evidence import Found, Identifier
from profiles.identity.values import value_since


class Epoch(NamedTuple):
    """From which moment a holder has the value, and what the value is called then."""

    since: datetime
    value: str


def start_of(day: date) -> datetime:
    """When the day begins: in UTC, as the days of counters do."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Epochs:
    """The holders of recycled identifiers. False when there are none: then nothing has to be asked."""

    def __init__(self, days: Iterable[tuple[int, str, date]] = ()) -> None:
        found: dict[Identifier, list[Epoch]] = {}
        for namespace, value, day in days:
            epoch = Epoch(start_of(day), value_since(value, day))
            found.setdefault(Identifier(namespace, value), []).append(epoch)
        self._epochs: Mapping[Identifier, list[Epoch]] = {key: sorted(each) for key, each in found.items()}

    def __bool__(self) -> bool:
        return bool(self._epochs)

    def at(self, identifier: Identifier, time: datetime) -> Identifier:
        """The identifier of whoever has this value at that time."""
        for epoch in reversed(self._epochs.get(identifier, ())):
            if epoch.since <= time:
                return Identifier(identifier.namespace, epoch.value)
        return identifier

    def all_at(self, identifiers: Iterable[Identifier], time: datetime) -> list[Identifier]:
        """The same for each of them."""
        return [self.at(each, time) for each in identifiers]

    def found_at(self, found: Iterable[Found], time: datetime) -> list[Found]:
        """The same for what stands in texts."""
        return [Found(self.at(each.identifier, time), each.place) for each in found]
