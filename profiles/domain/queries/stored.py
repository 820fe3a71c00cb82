"""All that sources said of a person's traits and consents, as it is stored: each value of each source and device."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from compliance.access import Actor, category_of_trait, require, require_shown
from compliance.audit import record_read
from compliance.consent import narrowed
from compliance.enums import Category, Operation
from compliance.key_paths import shared_name
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.domain.source_names import source_names
from streaming.database import Row, fetch

_READ = """
SELECT {place}, v.timestamp, v.message_id, {said}
FROM profiles_anchor a JOIN {table} v ON v.anchor_id = a.id
WHERE a.profile_id = %(row)s {after} ORDER BY {place} LIMIT %(limit)s
"""
_AFTER = "AND ({place}) > (%(anchor)s, %(name)s, %(source)s, %(import)s)"


class _Table(NamedTuple):
    """Where something is kept by anchor, a name, source and import; `said` are the columns of what was said."""

    name: str
    key: str
    said: str

    @property
    def place(self) -> str:
        return f"v.anchor_id, v.{self.key}, v.source_id, v.import_id"


_TRAITS = _Table("profiles_trait_version", "key", "v.value, v.purposes")
_CONSENTS = _Table("profiles_consent", "purpose", "v.granted")


@dataclass(frozen=True, slots=True)
class StoredTrait:
    """What a source said of a trait. `value` is None when it is masked, and when it said that there is none."""

    key: str
    value: Any
    category: Category
    at: datetime
    message_id: str
    source: str
    import_id: int
    purposes: Sequence[str]
    masked: bool


@dataclass(frozen=True, slots=True)
class StoredConsent:
    """What a source said of a purpose; `granted` is None when it is masked."""

    purpose: str
    granted: bool | None
    at: datetime
    message_id: str
    source: str
    import_id: int
    masked: bool


def stored_traits(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[StoredTrait]:
    """Of whoever holds this id. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    mask = Mask(actor)
    page = _page(actor, profile_id, _TRAITS, cursor, limit)
    sources = source_names({row[2] for row in page.items})
    items = [
        _trait(row, sources[row[2]], mask)
        for row in page.items
        if mask.sees_source(row[2]) and not mask.omits(category_of_trait(row[1]))
    ]
    _record(actor, profile_id, mask, len(items))
    return Page(items, page.next)


def stored_consents(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[StoredConsent]:
    """Of whoever holds this id. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    mask = Mask(actor)
    page = _page(actor, profile_id, _CONSENTS, cursor, limit)
    sources = source_names({row[2] for row in page.items})
    is_hidden = mask.hides(Category.BEHAVIOUR)
    items = [
        _consent(row, sources[row[2]], is_hidden=is_hidden) for row in page.items if mask.sees_source(row[2])
    ]
    _record(actor, profile_id, mask, len(items))
    return Page(items, page.next)


def _page(actor: Actor, profile_id: UUID, table: _Table, cursor: str | None, limit: int) -> Page[Row]:
    require(actor, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, table.name), bounded(limit)
    keys = dict(zip(("anchor", "name", "source", "import"), start.position, strict=True)) if start else {}
    after = _AFTER.format(place=table.place) if start else ""
    query = _READ.format(place=table.place, said=table.said, table=table.name, after=after)
    rows = fetch(query, {**keys, "row": holder_for(actor, profile_id).row, "limit": limit + 1})
    return page_of(rows, limit=limit, cursor=start, listing=table.name, position=lambda row: row[:4])


def _trait(row: Row, source: str, mask: Mask) -> StoredTrait:
    _, key, _, import_id, at, message_id, value, said = row
    purposes = narrowed(said, (f"traits.{shared_name(key)}",))
    shown, hidden = mask.traits(
        {key: None if value is None else orjson.loads(value)}, {key: {"purposes": purposes}}
    )
    category = category_of_trait(key)
    return StoredTrait(
        key, shown.get(key), category, at, message_id, source, import_id, purposes, key in hidden
    )


def _consent(row: Row, source: str, *, is_hidden: bool) -> StoredConsent:
    _, purpose, _, import_id, at, message_id, granted = row
    return StoredConsent(
        purpose, None if is_hidden else granted, at, message_id, source, import_id, is_hidden
    )


def _record(actor: Actor, profile_id: UUID, mask: Mask, values: int) -> None:
    record_read(
        actor, action="person.stored", subjects=[profile_id], categories=sorted(mask.seen),
        detail={"values": values},
    )  # fmt: skip
