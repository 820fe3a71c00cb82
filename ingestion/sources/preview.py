"""What the first rows of a stream would become, for whoever may choose it: what they may not see is hidden, and the look is kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from compliance.access import MASK, Actor, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.domain.mappings import compile_mapping
from ingestion.domain.masking import Mask
from ingestion.imports.preview import PreviewRow
from ingestion.imports.preview_access import ShownRow
from ingestion.imports.rows import Row
from ingestion.models import Connection
from ingestion.sources.contract import Selection
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import settings_of
from ingestion.sources.translation import RecordTranslation, row_prefix

PREVIEWED = 10


def show_preview(
    actor: Actor, *, connection: Connection, selection: Selection, mapping: Any, now: datetime
) -> list[ShownRow]:
    """Read the first rows and try the mapping on them. Raises AccessDenied, MappingInvalid, SourceError."""
    require(actor, Operation.SOURCES_MANAGE)
    translation = RecordTranslation(compile_mapping(mapping), row_prefix(connection.pk, selection.stream))
    kind, settings = kind_named(connection.kind), settings_of(connection)
    batches = kind.read(settings, selection, kind.begin(selection, None), rows=PREVIEWED)
    first = next(iter(batches), None)
    rows = [] if first is None else first.rows[:PREVIEWED]
    envelope = Envelope(source_id=connection.source_id, received_at=now)
    tried = [
        each
        for number, row in enumerate(rows, 1)
        for each in _tried(number, Row(number, 0, row), translation, envelope)
    ]
    mask, hides = Mask(actor), masked(actor, Category.UNCLASSIFIED)
    shown = [
        ShownRow(
            replace(each, values=[MASK]) if hides else each,
            mask.event(dict(each.event)) if each.event else {},
        )
        for each in tried
    ]
    record_read(
        actor, action="connection.preview", target=f"connection:{connection.pk}", categories=mask.seen,
        detail={"stream": selection.stream, "rows": len(rows)},
    )  # fmt: skip
    return shown


def _tried(number: int, row: Row, translation: RecordTranslation, envelope: Envelope) -> list[PreviewRow]:
    values = [f"{name}: {value}" for name, value in row.values[1].items()]
    try:
        items = translation.items(row)
        events = [(accept_item(item, envelope), item) for item in items]
        for event, item in events:
            encode_accepted(event, item)
    except ItemRejected as rejected:
        return [PreviewRow(number, values, None, rejected.reason)]
    if not events:
        return [
            PreviewRow(
                number, values, None, "no condition of the mapping holds, so that the row is passed over"
            )
        ]
    return [PreviewRow(number, values, event) for event, _ in events]
