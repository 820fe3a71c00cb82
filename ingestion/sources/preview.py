"""What the first rows of a stream would become, for whoever may choose it: what they may not see is hidden, and the look is kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from compliance.access import MASK, Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.payloads import sees_everything
from compliance.subjects import named_in
from ingestion.domain.derived import DEPENDS, as_seen, without_derived
from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.domain.mappings import compile_mapping
from ingestion.domain.masking import Mask
from ingestion.imports.preview import PreviewRow
from ingestion.imports.preview_access import ShownRow
from ingestion.imports.rows import Row
from ingestion.models import Connection
from ingestion.sources.contract import Row as SourceRow
from ingestion.sources.contract import Selection, Settings, SourceKind, as_sampling
from ingestion.sources.patience import somebody_waits
from ingestion.sources.registry import kind_named
from ingestion.sources.selections import settings_of
from ingestion.sources.translation import RecordTranslation, row_prefix

PREVIEWED = 10


@somebody_waits()
def show_preview(
    actor: Actor,
    *,
    connection: Connection,
    selection: Selection,
    mapping: Any,
    now: datetime,
    stream: Settings | None = None,
) -> list[ShownRow]:
    """Read the first rows, with the stream's settings, and try the mapping on them. Raises AccessDenied, MappingInvalid, SourceError."""
    require(actor, Operation.SOURCES_MANAGE)
    translation = RecordTranslation(compile_mapping(mapping), row_prefix(connection.pk, selection.stream))
    kind, settings = kind_named(connection.kind), settings_of(connection, stream)
    rows = _first_rows(kind, settings, selection)
    envelope = Envelope(source_id=connection.source_id, received_at=now)
    mask, is_whole = Mask(actor), sees_everything(actor)
    shown: list[ShownRow] = []
    named: set[str] = set()
    for number, row in enumerate(rows, 1):
        tried = _tried(number, Row(number, 0, row), translation, envelope)
        named.update(name for each in tried if each.event for name in named_in(each.event))
        if is_whole:
            shown += [ShownRow(each, mask.event(dict(each.event)) if each.event else {}) for each in tried]
        else:
            seen = Row(number, 0, row._replace(identity="", values=as_seen(mask, row.values)))
            shown += _as_far_as_seen(mask, tried, _tried(number, seen, translation, envelope))
    record_read(
        actor, action="connection.preview", subjects=named, target=f"connection:{connection.pk}", categories=mask.seen,
        detail={"stream": selection.stream, "rows": len(rows)},
    )  # fmt: skip
    return shown


def _as_far_as_seen(mask: Mask, tried: list[PreviewRow], of_seen: list[PreviewRow]) -> list[ShownRow]:
    """A mapping may call a value by any name, and may ask for one: what depends on what is closed is not told."""
    if len(tried) != len(of_seen) or any(a.reason != b.reason for a, b in zip(tried, of_seen, strict=True)):
        return [ShownRow(PreviewRow(tried[0].number, [MASK], None, DEPENDS), {})]
    return [
        ShownRow(
            replace(row, values=[MASK]),
            without_derived(mask, dict(row.event), blind.event) if row.event else {},
        )
        for row, blind in zip(tried, of_seen, strict=True)
    ]


def _first_rows(kind: SourceKind, settings: Settings, selection: Selection) -> list[SourceRow]:
    if (sampling := as_sampling(kind)) is not None:
        return sampling.sample(settings, selection, rows=PREVIEWED)[:PREVIEWED]
    batches = kind.read(settings, selection, kind.begin(selection, None), rows=PREVIEWED)
    first = next(iter(batches), None)
    return [] if first is None else first.rows[:PREVIEWED]


def _tried(number: int, row: Row, translation: RecordTranslation, envelope: Envelope) -> list[PreviewRow]:
    values = [f"{name}: {value}" for name, value in row.values[1].items()]
    try:
        items = translation.items_of([row])[0]
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
