"""What the first rows of a file would become."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestion.domain.events import Envelope, ItemRejected, accept_item, encode_accepted
from ingestion.imports.columns import Mapping
from ingestion.imports.formats import FileFormat
from ingestion.imports.reading import first_block
from ingestion.imports.rows import Row
from ingestion.imports.translation import Translation, translation_of
from ingestion.models import FileImport
from streaming.contracts.events import WireEvent

PREVIEWED = 10


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row, and the event that it would become or the reason why it would not be taken."""

    number: int
    values: list[Any]
    event: WireEvent | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a file under a mapping."""

    columns: tuple[str, ...]
    rows: list[PreviewRow]


def preview_import(
    *,
    file_import: FileImport,
    mapping: Mapping,
    now: datetime,
    rows: int = PREVIEWED,
    seen: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Preview:
    """Try the mapping on the first rows, or on what `seen` makes of their values. Raises MappingError or UnreadableFile."""
    file_format = FileFormat.from_json(file_import.format)
    mapping.check(file_format)
    translation = translation_of(mapping, file_format, file_import.file_hash)
    envelope = Envelope(source_id=file_import.source_id, received_at=now, import_id=file_import.pk)
    block = first_block(Path(file_import.path), file_format)
    bad = [PreviewRow(row.number, [row.raw], None, row.reason) for row in block.bad[:rows]]
    tried = [row._replace(values=seen(row.values)) if seen else row for row in block.rows[:rows]]
    good = [_previewed(row, translation, envelope) for row in tried]
    return Preview(file_format.columns, sorted([*bad, *good], key=lambda row: row.number)[:rows])


def _previewed(row: Row, translation: Translation, envelope: Envelope) -> PreviewRow:
    values = list(row.values)
    try:
        item = translation(row)
        event = accept_item(item, envelope)
        encode_accepted(event, item)
    except ItemRejected as rejected:
        return PreviewRow(row.number, values, None, rejected.reason)
    return PreviewRow(row.number, values, event)
