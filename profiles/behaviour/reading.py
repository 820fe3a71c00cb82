"""From records of `profiles.events` to the visits of single events. Needs no database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from compliance.consent import recorded_with_keys
from profiles.behaviour.facts import fact_of
from profiles.behaviour.visits import Visit, visit_of
from profiles.moments import moment_of
from profiles.sessions import points
from streaming.contracts.profiles import ProfileEvent, UndecodableChange, decode_profile_event
from streaming.contracts.records import Record


class Origin(NamedTuple):
    """Whose visits: the birth id of an anchor, a source, and the id that an SDK gave the visit (empty: none)."""

    anchor: str
    source_id: int
    key: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What records say, and those that nobody can read, with the reason."""

    visits: Mapping[Origin, list[Visit]]
    unreadable: Sequence[tuple[Record, str]]
    imports: frozenset[int] = frozenset()


def read(records: Sequence[Record], *, without: Collection[int] = ()) -> Reading:
    """The visits of the records' single events, but for those of the imports `without`."""
    imports: set[int] = set()
    visits: dict[Origin, list[Visit]] = defaultdict(list)
    unreadable: list[tuple[Record, str]] = []
    for record in records:
        try:
            said = decode_profile_event(record.value)
            visit, import_id = _visit(said), said["event"].get("import_id") or 0
        except UndecodableChange as error:
            unreadable.append((record, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            unreadable.append((record, f"the event lacks what a visit is made of ({type(error).__name__})"))
        else:
            if import_id in without:
                continue
            imports.add(import_id)
            visits[Origin(visit.anchor, visit.source_id, visit.key)].append(visit)
    return Reading(visits, unreadable, frozenset(imports - {0}))


def _visit(record: ProfileEvent) -> Visit:
    event = record["event"]
    moment = moment_of(event)
    recorded = recorded_with_keys(event)
    # the same marks and ids that sessions go by
    key, point = points.read(event["type"], event["event"], moment.time, event, recorded)
    fact = fact_of(event, moment, point.mark, recorded)
    return visit_of(record["anchor"], event["source_id"], fact, key or "")
