"""All that was ever said of a person's purposes, the newest first: by events, through the API, to staff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import MASK, Actor, masked, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import known_holder
from profiles.domain.queries.stated import seen_by
from profiles.domain.source_names import source_names
from profiles.enums import DeclarationKind
from streaming.database import Row, fetch

_LISTING = "profiles.consent_history"

# Of the days of all anchors what is the same is one; a declaration has a row for each anchor.
_READ = """
SELECT * FROM (
    SELECT max(d.last_at) AS at, 'd' || concat_ws('/', d.day, d.purpose, d.granted, d.source_id, d.import_id, d.text_version) AS key,
        'consent' AS kind, d.purpose, d.granted AS holds, 'event' AS origin, '' AS by, d.text_version, '' AS reason,
        (array_agg(d.proof ORDER BY d.first_at, d.message_id))[1] AS proof, min(d.first_at) AS since,
        min(d.received_at) AS received_at, d.source_id, d.import_id
    FROM profiles_anchor a JOIN profiles_consent_day d ON d.anchor_id = a.id WHERE a.profile_id = %(row)s{seen}
    GROUP BY d.day, d.purpose, d.granted, d.source_id, d.import_id, d.text_version
    UNION ALL
    SELECT DISTINCT ON (d.act) d.said_at, 's' || d.act, d.kind, d.purpose, d.holds, d.origin, d.by, d.text_version, d.reason,
        d.proof, d.said_at, d.received_at, 0, 0
    FROM profiles_anchor a JOIN profiles_declaration d ON d.anchor_id = a.id WHERE a.profile_id = %(row)s
) said
WHERE {condition} ORDER BY at {direction}, key {direction} LIMIT %(limit)s
"""
_BEFORE, _AFTER = "(at, key) < (%(at)s, %(key)s)", "(at, key) > (%(at)s, %(key)s)"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said. `since` and `at` are the first and last time on the day, of a declaration the same.

    `source` is the source, the API token or the member of staff. `proof` and `reason` are masked for who may not see
    unclassified data.
    """

    kind: DeclarationKind
    purpose: str
    holds: bool
    since: datetime
    at: datetime
    received_at: datetime
    origin: str
    source: str
    import_id: int
    text_version: str
    reason: str
    proof: str


def consent_history(
    actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50
) -> Page[Said]:
    """Of whoever holds this id; nothing to who may not see behaviour. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = known_holder(actor, profile_id)
    is_shown = not masked(actor, Category.BEHAVIOUR)
    backwards = start is not None and start.backwards
    narrowed, given = seen_by(actor, "d.source_id")
    query = _READ.format(
        seen=narrowed,
        condition="true" if start is None else _AFTER if backwards else _BEFORE,
        direction="ASC" if backwards else "DESC",
    )
    at, key = start.position if start else (None, None)
    given |= {"row": held.row, "limit": limit + 1, "at": at, "key": key}
    rows = fetch(query, given) if is_shown else []
    page = page_of(
        rows, limit=limit, cursor=start, listing=_LISTING, position=lambda row: (row[0].isoformat(), row[1])
    )
    sources = source_names({row[12] for row in page.items})
    shows_proof = not masked(actor, Category.UNCLASSIFIED)
    items = [_said(row, sources[row[12]], shows_proof=shows_proof) for row in page.items]
    seen = [Category.BEHAVIOUR] * is_shown + [Category.UNCLASSIFIED] * shows_proof
    record_read(
        actor,
        action="person.consent_history",
        subjects=[held.id],
        categories=seen,
        detail={"rows": len(items)},
    )
    return Page(items, page.next, page.previous)


def _said(row: Row, source: str, *, shows_proof: bool) -> Said:
    at, _, kind, purpose, holds, origin, by, version, reason, proof, since, received_at, _, import_id = row
    return Said(
        kind=DeclarationKind(kind), purpose=purpose, holds=holds, since=since, at=at, received_at=received_at,
        origin=origin, source=by or source, import_id=import_id, text_version=version,
        reason=reason if shows_proof or not reason else MASK, proof=proof if shows_proof or not proof else MASK,
    )  # fmt: skip
