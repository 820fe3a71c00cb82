"""Combined records: what consumers make of many events and put back on the log, in one shape for every kind.

A record is about one anchor and is keyed by it. Its `id` stays the same for the same thing, whatever order its events
came in; a higher version replaces what was said under that id before. What turned out not to be (two visits that a
late event joined) is withdrawn by a record that names what stands in its place. So whoever keeps the record of the
highest version of each id, and drops those that were withdrawn, holds exactly what is true now.
"""

from typing import Any, NotRequired, TypedDict

import orjson

from streaming.contracts.profiles import Version
from streaming.contracts.records import NewRecord

WIRE_VERSION = 1
SESSIONS_TOPIC = "sessions"
SOCIAL_TOPIC = "social.records"
BEHAVIOUR_TOPIC = "behaviour"


class CombinedRecord(TypedDict):
    """One record. `type` names the kind and the version of its `value`, as in `session.v1`.

    `at` is when it was combined: ISO 8601 in UTC with microseconds and a Z, as are all times in it. A record that
    withdraws has no `value`; its `superseded_by` has the ids that stand in its place, and none when nothing does.
    """

    v: int
    type: str
    id: str
    anchor: str
    version: Version
    at: str
    value: NotRequired[dict[str, Any]]
    superseded_by: NotRequired[list[str]]


class UndecodableRecord(ValueError):
    """The bytes are not a combined record that this version understands."""


def combined_record(topic: str, record: CombinedRecord) -> NewRecord:
    """The record on its way to the log."""
    return NewRecord(topic, record["anchor"].encode(), orjson.dumps(record, default=tuple))


def stated(
    type_: str, id_: str, anchor: str, *, version: Version, at: str, value: dict[str, Any]
) -> CombinedRecord:
    """A record that says how something is."""
    return {
        "v": WIRE_VERSION, "type": type_, "id": id_, "anchor": anchor, "version": version, "at": at, "value": value,
    }  # fmt: skip


def withdrawn(
    type_: str, id_: str, anchor: str, *, version: Version, at: str, superseded_by: list[str]
) -> CombinedRecord:
    """A record that says that something is not, and what is in its place."""
    return {
        "v": WIRE_VERSION, "type": type_, "id": id_, "anchor": anchor, "version": version, "at": at,
        "superseded_by": superseded_by,
    }  # fmt: skip


def decode_combined(value: bytes | None) -> CombinedRecord:
    """Return the record. Raises UndecodableRecord with a reason a person can act on."""
    if value is None:
        raise UndecodableRecord(
            "a tombstone (a record without a value) stands where a combined record belongs"
        )
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise UndecodableRecord(f"the record is not JSON: {error}") from error
    if not isinstance(content, dict) or content.get("v") != WIRE_VERSION:
        raise UndecodableRecord(f"the record is not of wire version {WIRE_VERSION}, which this release reads")
    if ("value" in content) == ("superseded_by" in content):
        raise UndecodableRecord("the record neither states a value nor withdraws one")
    content["version"] = Version(*content["version"])
    return content  # type: ignore[return-value]  # a consumer of ours wrote the fields; unknown ones are tolerated


def is_newer(record: CombinedRecord, than: Version | None) -> bool:
    """Whether the record replaces what is known of its id in this version (None: nothing is)."""
    return than is None or record["version"] > than
