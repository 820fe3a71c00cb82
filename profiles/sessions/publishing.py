"""Visits as the world hears of them: that one began, that it ended and how it went, and that one never was."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any
from uuid import UUID

from profiles.combining.times import text_at
from profiles.sessions.points import Mark
from profiles.sessions.visit import SILENT, Visit
from streaming.contracts.combined import SESSIONS_TOPIC, combined_record, stated, withdrawn
from streaming.contracts.profiles import Version
from streaming.contracts.records import NewRecord

RECORD_TYPE = "session.v1"
BEGUN = {Mark.START: "mark", Mark.NONE: "first_event", Mark.END: "unknown"}


def visit_id(anchor: str, source: int, visit: Visit) -> bytes:
    """The id of a visit, as 16 bytes: it follows from whose it is, and from its beginning or the id of the SDK."""
    what = f"k{visit.key}" if visit.key else f"{'e' if visit.begins_with_end else 't'}{visit.first}"
    return blake2b(f"{anchor}\0{source}\0{what}".encode(), digest_size=16, person=b"visit").digest()


def said(visit: Visit, *, is_ended: bool) -> tuple[Any, ...]:
    """All that is published of a visit in this state: a record goes out when it differs from what was.

    Of a visit that goes on only its beginning is told, because a record for each of its events would double the log.
    """
    begun = (is_ended, visit.first, visit.first_mark, visit.entry, visit.purposes)
    if not is_ended:
        return begun
    return (*begun, visit.last, visit.last_mark, visit.events, visit.pages, visit.exit)


def value_of(visit: Visit, source: int, *, is_ended: bool) -> dict[str, Any]:
    """The value of the record."""
    value: dict[str, Any] = {
        "source_id": source,
        "state": "ended" if is_ended else "open",
        "started_at": text_at(visit.first),
        "started_by": BEGUN[Mark(visit.first_mark)],
        "entry_page": visit.entry and visit.entry[1],
    }
    if visit.key:
        value["session_id"] = visit.key
    if visit.purposes != SILENT:
        value["purposes"] = sorted(visit.purposes)
    if is_ended:
        value |= {
            "ended_at": text_at(visit.last),
            "ended_by": "mark" if visit.is_marked_ended else "inactivity",
            "events": visit.events,
            "pages": visit.pages,
            "exit_page": visit.exit and visit.exit[1],
        }
    return value


class Announcement:
    """Makes the records of one transaction; all have one version and one time."""

    def __init__(self, version: Version, at: str) -> None:
        self._version, self._at = version, at

    def of(self, anchor: str, source: int, id_: bytes, visit: Visit, *, is_ended: bool) -> NewRecord:
        """The record that says how a visit is."""
        value = value_of(visit, source, is_ended=is_ended)
        return combined_record(
            SESSIONS_TOPIC,
            stated(RECORD_TYPE, text_of(id_), anchor, version=self._version, at=self._at, value=value),
        )

    def withdrawal(self, anchor: str, id_: bytes, instead: Iterable[bytes]) -> NewRecord:
        """The record that says that a visit is not, and which are in its place."""
        ids = [text_of(each) for each in instead]
        return combined_record(
            SESSIONS_TOPIC,
            withdrawn(
                RECORD_TYPE, text_of(id_), anchor, version=self._version, at=self._at, superseded_by=ids
            ),
        )


def text_of(id_: bytes) -> str:
    """An id as records have it."""
    return str(UUID(bytes=id_))
