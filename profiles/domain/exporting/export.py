"""The file itself: a JSON document that is written while it is read, so that its size does not matter."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import Error as DatabaseError

from compliance.access import Actor, allows, hidden, masked, require
from compliance.audit import record_read
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import Wish, takes_approval
from compliance.domain.approvals.using import usable, use_or_ask
from compliance.enums import Category, Operation
from profiles.domain.exporting.documents import profile
from profiles.domain.exporting.reads import ids_of, reads_of
from profiles.domain.exporting.sections import SECTIONS
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.shown import Person
from profiles.domain.queries.tabs import MAX_IDS

FORMAT = "headwater.person.v1"
_PART_BYTES = 64 * 1024
_ELSEWHERE = (
    "What was sent of this person and is not theirs yet: events on their way in the log, in quarantine, "
    "rejected items and files that are being read. Each goes by its own retention."
)
_SOME_READS = f"Who read this person's data under other ids than the eldest {MAX_IDS:,}."
_NO_READS = "Who read this person's data: who exports them may not read the audit trail."


@dataclass(frozen=True, slots=True)
class ForeseenExport:
    """What an export would be: of the `masked` categories it only says that there is something, `missing` is in words.

    Where it `takes_approval`, it may be made once until `approved_until`, if somebody has approved it.
    """

    person: Person
    masked: Sequence[Category]
    missing: Sequence[str]
    takes_approval: bool
    approved_until: datetime | None


class Export:
    """The parts of the file, once. When the last one is taken the trail has its size and its SHA-256.

    What is not taken to its end is in the trail as broken off; the JSON that came of it is not whole, and no reader
    takes it for such.
    """

    def __init__(self, actor: Actor, person: Person, *, now: datetime) -> None:
        self._actor, self._person, self._now = actor, person, now
        self._counts: Counter[str] = Counter()
        self._hash, self._bytes = hashlib.sha256(), 0

    @property
    def name(self) -> str:
        """What to call the file."""
        return f"person-{self._person.id}.json"

    def __iter__(self) -> Iterator[bytes]:
        try:
            for part in _joined(self._pieces()):
                self._hash.update(part)
                self._bytes += len(part)
                yield part
        except BaseException:  # GeneratorExit too: whoever took it went away
            with suppress(DatabaseError):
                self._record("person.export_cut", items=sum(self._counts.values()))
            raise
        self._record("person.exported", items=sum(self._counts.values()), sha256=self._hash.hexdigest())

    def _record(self, action: str, **detail: Any) -> None:
        record_read(
            self._actor, action=action, subjects=[self._person.id], categories=self._actor.categories,
            detail={"bytes": self._bytes, **detail},
        )  # fmt: skip

    def _pieces(self) -> Iterator[bytes]:
        yield orjson.dumps(self._head(), option=orjson.OPT_INDENT_2).removesuffix(b"\n}")
        for section in SECTIONS:
            if section.category and hidden(self._actor, section.category):
                continue
            yield from self._list(section.key, section.items(self._actor, self._person.id))
        if allows(self._actor, Operation.AUDIT_VIEW):
            yield from self._list("reads", reads_of(self._actor, self._person.row))
        yield b',\n  "counts": ' + orjson.dumps(self._counts) + b"\n}\n"

    def _head(self) -> dict[str, Any]:
        ids = ids_of(self._person.row)
        some = [_SOME_READS] if len(ids) > MAX_IDS and allows(self._actor, Operation.AUDIT_VIEW) else []
        return {
            "format": FORMAT,
            "made_at": self._now,
            "masked_categories": _masked_categories(self._actor),
            "not_in_this_file": [*_missing(self._actor), *some],
            "profile": {**profile(self._person), "ids": ids},
        }

    def _list(self, key: str, items: Iterable[Any]) -> Iterator[bytes]:
        """A list of the file, an item on a line."""
        yield b",\n  " + orjson.dumps(key) + b": ["
        self._counts[key] = 0
        for item in items:
            yield (b",\n    " if self._counts[key] else b"\n    ") + orjson.dumps(item)
            self._counts[key] += 1
        yield b"]"


def export_person(actor: Actor, profile_id: UUID, *, why: str, now: datetime) -> Export:
    """All that is kept of whoever holds this id, as far as the actor may see it; in the trail before a byte is given.

    Raises UnknownPerson, Gone, ApprovalNeeded, AccessDenied.
    """
    require(actor, Operation.PEOPLE_EXPORT)
    found = known_person(actor, profile_id)
    use_or_ask(_wish(found), by=actor, now=now)
    record_read(
        actor, action="person.export", subjects=[found.id], categories=actor.categories,
        detail={"why": why} if why else {},
    )  # fmt: skip
    return Export(actor, found, now=now)


def _wish(person: Person) -> Wish:
    """The export for a second person, who is told an id."""
    link = f"/admin/people/{person.id}/export/"
    return Wish(
        ApprovalKind.EXPORT_PERSON, f"Export of person {person.id}", {"profile": str(person.id)}, link
    )


def foresee_export(actor: Actor, profile_id: UUID, *, now: datetime) -> ForeseenExport:
    """What the export of whoever holds this id would be. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.PEOPLE_EXPORT)
    person = known_person(actor, profile_id)
    approved = usable(_wish(person), by=actor, now=now)
    return ForeseenExport(
        person, _masked_categories(actor), _missing(actor), takes_approval(ApprovalKind.EXPORT_PERSON, actor),
        None if approved is None else approved.use_until,
    )  # fmt: skip


def _masked_categories(actor: Actor) -> list[Category]:
    return [category for category in Category if masked(actor, category) and not hidden(actor, category)]


def _missing(actor: Actor) -> list[str]:
    return [_ELSEWHERE, *([] if allows(actor, Operation.AUDIT_VIEW) else [_NO_READS])]


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces in parts that are worth sending."""
    waiting, size = [], 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PART_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
