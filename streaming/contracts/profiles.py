"""What the profile builder tells the world, on the wire: changes of people, and events with who they are of.

Every derived record carries the anchors that it is about (by birth id) and a version of the profile. A reader
keeps facts by anchor, applies the mappings of anchors by their own `mapping_version`, and drops a change whose
version is not above the one it has.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, NotRequired, TypedDict

import orjson

from streaming.contracts.records import NewRecord

WIRE_VERSION = 1
CHANGES_TOPIC = "profiles.changes"
MOST_ANCHORS = 500  # in one change: some 40 KB
EVENTS_TOPIC = "profiles.events"

ChangeType = Literal[
    "profile.identified.v1",
    "profile.trait_changed.v1",
    "profile.lifecycle_changed.v1",
    "profile.merged.v1",
    "profile.split.v1",
]


class Version(NamedTuple):
    """What orders the changes of a profile. A restore raises the incarnation, so that no rewound number wins."""

    incarnation: int
    number: int


class AnchorMapping(NamedTuple):
    """Which profile holds an anchor (by birth id). None: nobody. A higher version is the newer mapping."""

    anchor: str
    mapping_version: int
    profile: str | None


class ProfileValue(TypedDict):
    """All of a profile, as it is after the change, but for what is kept by anchor (consents: ADR 0102).

    Times are ISO 8601 in UTC with microseconds and a Z.
    """

    traits: dict[str, Any]
    lifecycle: str
    first_seen: str
    last_purchase: str | None


class ProfileChange(TypedDict):
    """One record of `profiles.changes`, keyed by profile.

    `keys` names the traits that changed. `source` of a merge is the id that became part of `profile`; `profile`
    of a split is the person that was taken apart, and may live on with fewer anchors; who only has an identifier
    less, because it is shared or blocked now, was not taken apart. `cause` of both says what
    brought it about (event, decision, rule, recompute, import); without one it is an event.

    `anchors` are at most MOST_ANCHORS. Those of a merge or a split are the ones that moved. An identified profile
    names all that it has, one with more than that many only those that it got. The other changes name all, or
    none when there are more. A change of more anchors is several records of its type, each with a version of its
    own; `part` says which it is and of how many, counted from 1, and the last has the `value`.
    """

    v: int
    type: ChangeType
    profile: str
    version: Version
    at: str
    anchors: list[AnchorMapping]
    value: NotRequired[ProfileValue]
    keys: NotRequired[list[str]]
    source: NotRequired[str]
    cause: NotRequired[str]
    part: NotRequired[list[int]]


class Part(TypedDict, total=False):
    """What says of a record that it is one of several for a change; nothing if it is the only one."""

    part: list[int]


class ProfileEvent(TypedDict):
    """One record of `profiles.events`, keyed by profile: an event and who it is of.

    `profile` is None for an event without a usable identifier; such records are keyed by anchor.
    """

    v: int
    profile: str | None
    anchor: str
    mapping_version: int
    event: dict[str, Any]


class UndecodableChange(ValueError):
    """The bytes are not a record that this version understands."""


def time_text(time: datetime) -> str:
    """A time as these records have it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def change_record(change: ProfileChange) -> NewRecord:
    """The record of a change."""
    return NewRecord(CHANGES_TOPIC, change["profile"].encode(), orjson.dumps(change, default=tuple))


def parts_of(anchors: Sequence[AnchorMapping]) -> Iterator[tuple[Part, list[AnchorMapping]]]:
    """The anchors of a change by record, MOST_ANCHORS in each; one record when there are none."""
    count = -(-len(anchors) // MOST_ANCHORS) or 1
    for number in range(count):
        some = list(anchors[number * MOST_ANCHORS : (number + 1) * MOST_ANCHORS])
        yield ({"part": [number + 1, count]} if count > 1 else {}), some


def event_record(profile: str | None, anchor: str, mapping_version: int, event: bytes) -> NewRecord:
    """The record of an event; `event` is its wire form, which goes in as it is: this runs for every event."""
    owner = f'"{profile}"' if profile else "null"
    head = f'{{"v":{WIRE_VERSION},"profile":{owner},"anchor":"{anchor}","mapping_version":{mapping_version},"event":'
    return NewRecord(EVENTS_TOPIC, (profile or anchor).encode(), b"%b%b}" % (head.encode(), event))


def decode_change(value: bytes | None) -> ProfileChange:
    """Return the change. Raises UndecodableChange with a reason a person can act on."""
    change = _decode(value)
    change["version"] = Version(*change["version"])
    change["anchors"] = mappings(change["anchors"])
    return change  # type: ignore[return-value]  # the builder wrote the fields; unknown ones are tolerated


def decode_profile_event(value: bytes | None) -> ProfileEvent:
    """Return the event and who it is of. Raises UndecodableChange with a reason a person can act on."""
    read = _decode(value)
    if not isinstance(read.get("event"), dict) or not isinstance(read.get("anchor"), str):
        raise UndecodableChange(
            "the record has no event with its anchor, so the builder did not write it: discard it"
        )
    return read  # type: ignore[return-value]  # the builder wrote the fields


def mappings(rows: Iterable[Iterable[Any]]) -> list[AnchorMapping]:
    """Mappings of anchors from their wire form."""
    return [AnchorMapping(*row) for row in rows]


def _decode(value: bytes | None) -> dict[str, Any]:
    if value is None:
        raise UndecodableChange(
            "a tombstone (a record without a value) stands where a change belongs: nothing is deleted by it; discard it"
        )
    if not value.strip():
        raise UndecodableChange("the record is empty, so the builder did not write it: discard it")
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise UndecodableChange(
            "the record is not JSON, so the builder did not write it: discard it, and find who writes to this topic"
        ) from error
    if not isinstance(content, dict) or content.get("v") != WIRE_VERSION:
        raise UndecodableChange(
            f"the record is not of wire version {WIRE_VERSION}, which this release reads: upgrade, then resubmit it"
        )
    return content
