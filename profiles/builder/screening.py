"""Suppressed identifiers: which events may not be stored at all, and which only without some of what they name."""

from collections.abc import Iterable, Iterator
from functools import cache

from compliance.suppression import Suppressions
from profiles.builder.arrival import Arrival, Reader
from profiles.enums import Level
from profiles.identity.evidence import Identifier
from profiles.identity.values import plain


def screen(arrivals: Iterable[Arrival], reader: Reader, suppressions: Suppressions) -> list[Arrival]:
    """The events that may be stored.

    A suppressed person stops an event. A suppressed device or group stops those without a usable user id: erasing
    one user of a shared tablet must not make the others vanish; but what is suppressed is taken out of them. One who
    is only named in a text stops nothing, as the event is another person's: the text is kept without the value.
    """
    return list(_admitted(arrivals, reader, suppressions)) if suppressions else list(arrivals)


def _admitted(arrivals: Iterable[Arrival], reader: Reader, suppressions: Suppressions) -> Iterator[Arrival]:
    rules = reader.book.namespaces.by_id

    @cache
    def suppressed(identifier: Identifier) -> bool:
        return suppressions.has(rules[identifier.namespace].key, plain(identifier.value))

    for arrival in arrivals:
        hits = [each for each in (*arrival.identifiers, *arrival.previous) if suppressed(each)]
        stops = hits and (
            not reader.has_user(arrival) or any(rules[each.namespace].level is Level.PERSON for each in hits)
        )
        if stops:
            continue
        is_named = any(suppressed(each.identifier) for each in arrival.found)
        yield reader.without(arrival, suppressed) if hits or is_named else arrival
