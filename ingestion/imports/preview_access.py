"""The preview of an import for whoever may run it: what they may not see is hidden, and the look is kept."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from compliance.access import MASK, Actor, category_of_property, category_of_trait, masked, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from ingestion.domain.masking import IDS, Mask
from ingestion.imports.columns import Mapping
from ingestion.imports.preview import PreviewRow, preview_import
from ingestion.models import FileImport


@dataclass(frozen=True, slots=True)
class ShownPreview:
    """The beginning of a file, as the actor may see it. `document` of a row is the event that it would become."""

    columns: tuple[str, ...]
    rows: list[PreviewRow]
    documents: list[dict[str, Any]]

    @property
    def pairs(self) -> list[tuple[PreviewRow, dict[str, Any]]]:
        """Each row with its event."""
        return list(zip(self.rows, self.documents, strict=True))


def show_preview(actor: Actor, *, file_import: FileImport, mapping: Mapping, now: datetime) -> ShownPreview:
    """Try the mapping on the first rows. Raises AccessDenied, MappingError, UnreadableFile."""
    require(actor, Operation.IMPORTS_RUN)
    preview = preview_import(file_import=file_import, mapping=mapping, now=now)
    mask = Mask(actor)
    hidden = {
        place for place, column in enumerate(mapping.columns) if masked(actor, _category(column.target))
    }
    rows = [_shown(row, hidden, whole=not masked(actor, Category.UNCLASSIFIED)) for row in preview.rows]
    documents = [mask.event(dict(row.event)) if row.event else {} for row in preview.rows]
    record_read(
        actor, action="import.preview", target=f"import:{file_import.pk}", categories=mask.seen,
        detail={"rows": len(rows)},
    )  # fmt: skip
    return ShownPreview(preview.columns, rows, documents)


def _shown(row: PreviewRow, hidden: set[int], *, whole: bool) -> PreviewRow:
    if row.event is None and not whole:
        return replace(row, values=[MASK for _ in row.values])
    values = [MASK if place in hidden and value else value for place, value in enumerate(row.values)]
    return replace(row, values=values)


def _category(target: str) -> Category:
    container, _, key = target.partition(".")
    if container in IDS:
        return Category.IDENTITY
    if not key:
        return Category.BEHAVIOUR if container else Category.UNCLASSIFIED
    return category_of_trait(key) if container == "traits" else category_of_property(key)
