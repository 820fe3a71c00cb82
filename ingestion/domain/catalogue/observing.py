"""What a batch of events shows of names, keys, types and values. Pure; bounded whatever is sent."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson

from compliance.key_paths import shared_name
from ingestion.domain.catalogue.nesting import nested_values
from ingestion.domain.catalogue.shapes import hint_of, holds_contact, like, type_of
from ingestion.enums import KeyKind
from streaming.contracts.events import UndecodableEvent, Violation, WireEvent, decode_event, event_name
from streaming.contracts.records import Record

MAX_KEYS = 500  # of one event of one source
MAX_NESTED = 300  # and in one batch within others: what stands at the top is never crowded out
MAX_EXAMPLES = 20
LOOKED_AT = 100  # events of each name and source in a batch whose values are looked at
_LONGEST_EXAMPLE = 100
_LONGEST_NAME, _LONGEST_KEY = 200, 255


class Name(NamedTuple):
    """An event of a source."""

    source_id: int
    type: str
    name: str


class Key(NamedTuple):
    """A property or trait."""

    kind: str
    name: str


@dataclass(slots=True)
class Values:
    """What the values of a key were like in the events that were looked at."""

    types: Counter[str] = field(default_factory=Counter)
    hints: Counter[str] = field(default_factory=Counter)
    examples: Counter[str] = field(default_factory=Counter)
    has_more: bool = False

    def look_at(self, value: Any) -> None:
        """Count one."""
        self.types[type_of(value)] += 1
        hint = hint_of(value)
        if hint is not None:
            self.hints[hint] += 1
        if value is None or isinstance(value, dict | list):
            return
        text = orjson.dumps(value).decode()
        if len(text) > _LONGEST_EXAMPLE or (text not in self.examples and len(self.examples) >= MAX_EXAMPLES):
            self.has_more = True
        else:
            self.examples[text] += 1


class Broken(NamedTuple):
    """A rule of a plan that an event broke."""

    name: Name
    reason: str
    action: str
    day: date


@dataclass(slots=True)
class Seen:
    """What was seen of one event of one source. `nested` are those of the keys that stand within others."""

    first_at: datetime
    last_at: datetime
    events: int = 0
    days: Counter[date] = field(default_factory=Counter)
    keys: dict[str, Counter[str]] = field(default_factory=dict)
    nested: set[Key] = field(default_factory=set)
    values: dict[Key, Values] = field(default_factory=dict)


@dataclass(slots=True)
class Observed:
    """What a batch shows. `broken` has how often, when last, and the message id of that one."""

    names: dict[Name, Seen] = field(default_factory=dict)
    left_out: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)
    broken: dict[Broken, tuple[int, datetime, str]] = field(default_factory=dict)

    def leave_out(self, source_id: int, what: str, name: str) -> None:
        """Count a name that is not kept."""
        known = self.left_out.get((source_id, what))
        self.left_out[source_id, what] = (known[0] + 1, known[1]) if known else (1, like(name))


def observe(records: Iterable[Record]) -> Observed:
    """What these records of event topics show. What is no event is passed over: the profile builder refuses it, once."""
    observed = Observed()
    for record in records:
        with suppress(UndecodableEvent, KeyError, ValueError, TypeError, AttributeError):
            _observe(decode_event(record.value), observed)
    return observed


def _observe(event: WireEvent, observed: Observed) -> None:
    source_id, kind = event["source_id"], event["type"]
    text = event_name(kind, event["event"])
    at = datetime.fromisoformat(event["received_at"])
    if type(source_id) is not int or "\0" in text or len(text) > _LONGEST_NAME or holds_contact(text):
        observed.leave_out(source_id, "events", text)
        return
    name = Name(source_id, kind, text)
    seen = observed.names.get(name)
    if seen is None:
        seen = observed.names[name] = Seen(at, at)
    seen.events += 1
    seen.first_at, seen.last_at = min(seen.first_at, at), max(seen.last_at, at)
    seen.days[at.date()] += 1
    if event["properties"]:
        _observe_keys(KeyKind.PROPERTY.value, event["properties"], seen, observed, source_id)
    if event["traits"]:
        _observe_keys(KeyKind.TRAIT.value, event["traits"], seen, observed, source_id)
    for violation in event.get("violations", ()):
        _count_broken(event, name, violation, at, observed)


def _observe_keys(
    kind: str, document: dict[str, Any], seen: Seen, observed: Observed, source_id: int
) -> None:
    known = seen.keys.setdefault(kind, Counter())
    top: dict[str, Any] = document
    if known.keys() >= document.keys():
        known.update(document.keys())
    else:
        top = _at_the_top(document, observed, source_id)
        for key in top:
            if key in known or len(known) - len(seen.nested) < MAX_KEYS:
                known[key] += 1
            else:
                observed.leave_out(source_id, "keys", key)
    if seen.events <= LOOKED_AT:
        for key, value in top.items():
            if key in known:
                _look_at(Key(kind, key), value, seen)
    if any(value.__class__ is dict or value.__class__ is list for value in document.values()):
        _observe_nested(kind, document, seen, observed, source_id)


def _at_the_top(document: dict[str, Any], observed: Observed, source_id: int) -> dict[str, Any]:
    """The keys of the document that are kept, with a value each; those that are ids of something as one."""
    top: dict[str, Any] = {}
    for key, value in document.items():
        if _is_kept(key):
            top[shared_name(key)] = value
        else:
            observed.leave_out(source_id, "keys", key)
    return top


def _observe_nested(
    kind: str, document: dict[str, Any], seen: Seen, observed: Observed, source_id: int
) -> None:
    known, here = seen.keys[kind], set[str]()
    for path, value in nested_values(document):
        place = Key(kind, path)
        if path not in known and path not in here:
            if len(seen.nested) >= MAX_NESTED or not _is_kept(path):
                observed.leave_out(source_id, "keys", path)
                continue
            seen.nested.add(place)
        if path not in document:  # a name may have dots itself
            here.add(path)
        if seen.events <= LOOKED_AT:
            _look_at(place, value, seen)
    known.update(here)


def _look_at(place: Key, value: Any, seen: Seen) -> None:
    values = seen.values.get(place)
    if values is None:
        values = seen.values[place] = Values()
    values.look_at(value)


def _is_kept(key: str) -> bool:
    return 0 < len(key) <= _LONGEST_KEY and "\0" not in key and not holds_contact(key)


def _count_broken(
    event: WireEvent, name: Name, violation: Violation, at: datetime, observed: Observed
) -> None:
    broken = Broken(name, violation["reason"][:300], violation["action"][:16], at.date())
    times, last_at, message_id = observed.broken.get(broken, (0, at, ""))
    newest = at >= last_at
    observed.broken[broken] = (
        times + 1, max(at, last_at), event["message_id"] if newest or not message_id else message_id
    )  # fmt: skip
