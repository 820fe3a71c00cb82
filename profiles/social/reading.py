"""From records of `profiles.events` to facts. Most events are not social: the first bytes of a record tell."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from compliance.consent import recorded_with_keys
from profiles.moments import moment_of
from profiles.social.actions import action_of
from profiles.social.facts import Fact, fact_of
from streaming.contracts.profiles import ProfileEvent, UndecodableChange, decode_profile_event
from streaming.contracts.records import Record

# As `event_record` and the collector write it. What looks otherwise is decoded, so that nothing is missed.
_NAMED = re.compile(
    rb'\{"v":1,"profile":(?:null|"[^"\\]*"),"anchor":"[^"\\]*","mapping_version":\d+,"event":\{"v":1,'
    rb'"message_id":"(?:[^"\\]|\\.)*","type":"(?:track","event":"([^"\\]*)"|(?:page|identify|screen|group|alias)")'
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What records say, and those that nobody can read, with the reason."""

    facts: list[Fact] = field(default_factory=list)
    unreadable: list[tuple[Record, str]] = field(default_factory=list)
    imports: set[int] = field(default_factory=set)


def read(records: Iterable[Record], *, without: Collection[int] = ()) -> Reading:
    """The social facts of these records, but for those of the imports `without`."""
    reading = Reading()
    for record in records:
        start = _NAMED.match(record.value or b"")
        if start is not None and ((name := start[1]) is None or action_of(name.decode()) is None):
            continue
        try:
            said = decode_profile_event(record.value)
            fact, import_id = _fact(said), said["event"].get("import_id") or 0
        except UndecodableChange as error:
            reading.unreadable.append((record, str(error)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reading.unreadable.append((record, f"the event lacks what orders it: {type(error).__name__}"))
        else:
            if fact is not None and import_id not in without:
                reading.facts.append(fact)
                reading.imports.add(import_id)
    return reading


def _fact(record: ProfileEvent) -> Fact | None:
    event = record["event"]
    name = event.get("event")
    if event["type"] != "track" or not isinstance(name, str):
        return None
    return fact_of(
        record["anchor"], name, event.get("properties") or {}, moment_of(event), recorded_with_keys(event)
    )
