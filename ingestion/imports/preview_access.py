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
class ShownRow:
    """A row, and the event that it would become as far as the actor may see it."""

    row: PreviewRow
    event: dict[str, Any]

    @property
    def who(self) -> str:
        """Who the event is about: the first id that it has."""
        traits = self.event.get("traits") or {}
        found = [
            self.event.get("user_id"),
            self.event.get("anonymous_id"),
            traits.get("email"),
            traits.get("phone"),
        ]
        return str(next((each for each in found if each), ""))

    @property
    def details(self) -> list[tuple[str, Any]]:
        """What the event says, by key: its properties, and the traits that come with it."""
        with_it = (self.event.get("context") or {}).get("traits")
        parts = (self.event.get("properties"), self.event.get("traits"), with_it)
        return [item for part in parts if isinstance(part, dict) for item in part.items()]

    @property
    def title(self) -> str:
        """What the event is called."""
        return str(self.event.get("event") or self.event.get("type") or "")


def show_preview(actor: Actor, *, file_import: FileImport, mapping: Mapping, now: datetime) -> list[ShownRow]:
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
    return [ShownRow(row, document) for row, document in zip(rows, documents, strict=True)]


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
