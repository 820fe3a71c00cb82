"""The visits of a person, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Cursor, Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.domain.source_names import source_names
from profiles.sessions.points import Mark
from profiles.sessions.publishing import BEGUN
from streaming.database import Row, fetch

_LISTING = "profiles.sessions"
# What `shown_sessions` takes.
COLUMNS = """
s.id, s.source_id, s.first_at, s.last_at, s.first_mark, s.last_mark, s.due_at IS NULL, s.events, s.pages,
s.entry_page, s.exit_page, s.key, s.purposes
"""
# Each anchor gives its own newest visits by index.
_READ = f"""
SELECT {COLUMNS}
FROM profiles_anchor a CROSS JOIN LATERAL (
    SELECT * FROM profiles_session s WHERE s.anchor_id = a.id AND {{condition}}
    ORDER BY s.first_at {{direction}}, s.id {{direction}} LIMIT %(limit)s
) s
WHERE a.profile_id = %(row)s
ORDER BY s.first_at {{direction}}, s.id {{direction}} LIMIT %(limit)s
"""
_OLDER = "s.first_at <= %(time)s AND (s.first_at, s.id) < (%(time)s, %(id)s)"
_NEWER = "s.first_at >= %(time)s AND (s.first_at, s.id) > (%(time)s, %(id)s)"
_HIDDEN = ["started_by", "ended_by", "events", "pages", "entry_page", "exit_page", "session_id"]
_NOTHING: dict[str, Any] = dict.fromkeys(_HIDDEN)


@dataclass(frozen=True, slots=True)
class Session:
    """One visit. `last_event_at` is when it ended, once `is_ended`. `masked` names what is hidden, and then None."""

    id: UUID
    source_id: int
    source: str
    started_at: datetime
    last_event_at: datetime
    is_ended: bool
    started_by: str | None
    ended_by: str | None
    events: int | None
    pages: int | None
    entry_page: str | None
    exit_page: str | None
    session_id: str | None
    masked: list[str]

    @property
    def duration(self) -> timedelta:
        """From its first event to its last."""
        return self.last_event_at - self.started_at


def sessions(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Session]:
    """The visits of whoever holds this id, by their start. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied.

    Of visits that the actor may not see (behaviour), or not for the purpose, come when and where, without the rest.
    """
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    rows = _read(held.row, start, limit)
    page = page_of(rows, limit=limit, cursor=start, listing=_LISTING, position=_position)
    items = shown_sessions(page.items, mask)
    record_read(
        actor, action="person.sessions", subjects=[held.id], categories=sorted(mask.seen),
        detail={"sessions": len(items)},
    )  # fmt: skip
    return Page(items, page.next, page.previous)


def _position(row: Row) -> tuple[str, str]:
    return (row[2].isoformat(), str(row[0]))


def _read(row: int, start: Cursor | None, limit: int) -> list[Row]:
    backwards = start is not None and start.backwards
    query = _READ.format(
        condition=(_NEWER if backwards else _OLDER) if start else "true",
        direction="ASC" if backwards else "DESC",
    )
    time, last = start.position if start else (None, None)
    parameters = {"time": time and datetime.fromisoformat(time), "id": last, "row": row, "limit": limit + 1}
    return fetch(query, parameters)


def shown_sessions(rows: Sequence[Row], mask: Mask) -> list[Session]:
    """The visits of these rows (see COLUMNS), as far as the actor may see them."""
    names = source_names({row[1] for row in rows})
    return [_item(row, names[row[1]], mask) for row in rows if mask.sees_source(row[1])]


def _item(row: Row, source: str, mask: Mask) -> Session:
    (
        identity,
        source_id,
        first,
        last,
        first_mark,
        last_mark,
        is_ended,
        events,
        pages,
        entry,
        exit_,
        key,
        said,
    ) = row
    visit = Session(
        identity, source_id, source, first, last, is_ended,
        BEGUN[Mark(first_mark)],
        ("mark" if last_mark == Mark.END else "inactivity") if is_ended else None,
        events, pages, entry, exit_, key, [],
    )  # fmt: skip
    if mask.hides(Category.BEHAVIOUR) or not _may_use(mask, said):
        return replace(visit, **_NOTHING, masked=_HIDDEN)
    return visit


def _may_use(mask: Mask, said: Sequence[str] | None) -> bool:
    """Whether each of its events may be used: a sum does not come apart."""
    return all(mask.use.permits(each.split()) for each in said or [""])
