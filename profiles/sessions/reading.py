"""From records of `profiles.events` to the points of each anchor and source. Needs no database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from profiles.builder.arrival import OURS
from profiles.sessions.points import Point, point_of
from streaming.contracts.profiles import UndecodableChange, decode_profile_event
from streaming.contracts.records import Record


class Origin(NamedTuple):
    """Whose visits: the birth id of an anchor, and a source."""

    anchor: str
    source: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a batch says. `points` are those without the id of an SDK's visit, `keyed` the others by that id."""

    points: Mapping[Origin, list[Point]]
    keyed: Mapping[Origin, dict[str, list[Point]]]
    unusable: Sequence[tuple[Record, str]]
    imports: frozenset[int] = frozenset()


def read(records: Sequence[Record], *, without: Collection[int] = ()) -> Reading:
    """The points of the records, and the records that have none, with the reason; nothing of the imports `without`."""
    imports: set[int] = set()
    points: dict[Origin, list[Point]] = defaultdict(list)
    keyed: dict[Origin, dict[str, list[Point]]] = defaultdict(lambda: defaultdict(list))
    unusable: list[tuple[Record, str]] = []
    for record in records:
        try:
            found = decode_profile_event(record.value)
            event = found["event"]
            import_id = event.get("import_id") or 0
            if import_id in without or event["source_id"] == OURS:
                continue
            key, point = point_of(event)
            origin = Origin(found["anchor"], event["source_id"])
        except UndecodableChange as error:
            unusable.append((record, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            unusable.append((record, f"the event lacks what a visit is made of ({type(error).__name__})"))
        else:
            imports.add(import_id)
            if key is None:
                points[origin].append(point)
            else:
                keyed[origin][key].append(point)
    return Reading(points, keyed, unusable, frozenset(imports - {0}))
