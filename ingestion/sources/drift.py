"""How the columns of a source differ from those that were chosen."""

from collections.abc import Sequence
from typing import Any

from ingestion.models import Stream
from ingestion.sources.contract import Column, DataType, StreamInfo


def drift_of(stream: Stream, now: StreamInfo) -> list[dict[str, Any]]:
    """What differs, each with whether reading can go on. A column that was left out on purpose is no news.

    Of a sample only what is certain counts: a column that was in every record and is in none, or another type of value.
    """
    if now.is_sampled and not now.columns:
        return []  # there was no record to look at
    chosen = {each["name"]: Column.from_json(each) for each in stream.columns}
    found = {column.name: column for column in now.columns}
    missing = [column for name, column in chosen.items() if name not in found]
    gone = [
        _entry(column.name, "gone", "is gone", breaks=True)
        for column in missing
        if not (now.is_sampled and column.is_nullable)
    ]
    known = chosen.keys() | set(stream.left_out)
    added = [
        _entry(name, "added", f"is new ({column.declared}) and not read", breaks=False)
        for name, column in found.items()
        if name not in known
    ]
    return [*gone, *_changed(chosen, found, is_sampled=now.is_sampled), *added]


def _changed(
    chosen: dict[str, Column], found: dict[str, Column], *, is_sampled: bool
) -> list[dict[str, Any]]:
    both = [(column, found[name]) for name, column in chosen.items() if name in found]
    return [
        _entry(
            before.name, "changed", f"was {before.declared or before.type} and is {after.declared or after.type}",
            breaks=not _are_alike(before.type, after.type, is_sampled=is_sampled),
        )
        for before, after in both
        if (before.type, before.declared) != (after.type, after.declared)
        and not (is_sampled and after.type is DataType.OTHER)
    ]  # fmt: skip


def _are_alike(before: DataType, after: DataType, *, is_sampled: bool) -> bool:
    """Whether values of the one can be read as the other; of a sample, texts that look like times are texts."""
    if not is_sampled:
        return before is after
    return before is after or before is DataType.OTHER or any({before, after} <= alike for alike in _ALIKE)


_ALIKE = ({DataType.INTEGER, DataType.NUMBER}, {DataType.TEXT, DataType.TIME, DataType.DATE})


def breaking(drift: Sequence[dict[str, Any]]) -> str:
    """What of it stops reading, in words; empty when nothing does."""
    return ", ".join(f"column {each['column']} {each['words']}" for each in drift if each["breaks"])


def _entry(column: str, what: str, words: str, *, breaks: bool) -> dict[str, Any]:
    return {"column": column, "what": what, "words": words, "breaks": breaks}
