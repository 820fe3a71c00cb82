"""The records of a batch, read off the main thread."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from profiles.builder.arrival import Arrival, Reader
from profiles.builder.decoding import Unusable
from streaming.contracts.records import Record


@dataclass(frozen=True, slots=True)
class Reading:
    """What records hold, by the rules of `reader`; those that hold nothing usable, with the reason."""

    reader: Reader
    arrivals: list[Arrival] = field(default_factory=list)
    unusable: list[tuple[Record, str]] = field(default_factory=list)


def read(reader: Reader, records: Sequence[Record]) -> Reading:
    """Read all of these records."""
    reading = Reading(reader)
    for record in records:
        try:
            reading.arrivals.append(reader.read(record))
        except Unusable as reason:
            reading.unusable.append((record, str(reason)))
    return reading
