"""The preview of an import for whoever may run it: what they may not see is hidden, and the look is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from compliance.access import MASK, Actor, category_of_property, category_of_trait, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.payloads import sees_everything
from compliance.subjects import named_in
from ingestion.domain.derived import DEPENDS, as_seen, without_derived
from ingestion.domain.masking import IDS, Mask
from ingestion.imports.columns import Column, Mapping
from ingestion.imports.preview import Preview, PreviewRow, preview_import
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
    if sees_everything(actor):
        shown = [ShownRow(row, mask.event(dict(row.event)) if row.event else {}) for row in preview.rows]
    else:
        shown = _as_far_as_seen(mask, preview, file_import, mapping, now)
    named = {name for row in preview.rows if row.event for name in named_in(row.event)}
    record_read(
        actor, action="import.preview", subjects=named, target=f"import:{file_import.pk}", categories=mask.seen,
        detail={"rows": len(shown)},
    )  # fmt: skip
    return shown


def _as_far_as_seen(
    mask: Mask, preview: Preview, file_import: FileImport, mapping: Mapping, now: datetime
) -> list[ShownRow]:
    """By what columns are called and by where they go: a mapping may send one where another kind of data is shown."""
    columns = [*mapping.columns]

    def seen(values: Sequence[Any]) -> list[Any]:
        pairs = zip(columns, values, strict=False)
        return [
            as_seen(mask, {each.name: value})[each.name] if _tells(each) else value for each, value in pairs
        ]

    of_seen = preview_import(file_import=file_import, mapping=mapping, now=now, seen=seen).rows
    return [
        _seen_row(mask, row, blind, columns, seen) for row, blind in zip(preview.rows, of_seen, strict=True)
    ]


def _seen_row(
    mask: Mask,
    row: PreviewRow,
    blind: PreviewRow,
    columns: Sequence[Column],
    seen: Callable[[Sequence[Any]], list[Any]],
) -> ShownRow:
    if row.event is None:
        reason = row.reason if row.reason == blind.reason else DEPENDS
        return ShownRow(replace(row, values=[MASK for _ in row.values], reason=reason), {})
    cells = [
        mask.cell(_category(column.target), value)
        for column, value in zip(columns, seen(row.values), strict=False)
    ]
    return ShownRow(replace(row, values=cells), without_derived(mask, dict(row.event), blind.event))


def _tells(column: Column) -> bool:
    """Whether its name says something of its values: of a time of an event only what it is called."""
    return column.target != "timestamp" or category_of_property(column.name) is not Category.UNCLASSIFIED


def _category(target: str) -> Category:
    container, _, key = target.partition(".")
    if container in IDS:
        return Category.IDENTITY
    if not key:
        return Category.BEHAVIOUR if container else Category.UNCLASSIFIED
    return category_of_trait(key) if container == "traits" else category_of_property(key)
