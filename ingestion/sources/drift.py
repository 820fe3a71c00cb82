"""How the columns of a source differ from those that were chosen."""

from collections.abc import Sequence
from typing import Any

from ingestion.models import Stream
from ingestion.sources.contract import Column, StreamInfo


def drift_of(stream: Stream, now: StreamInfo) -> list[dict[str, Any]]:
    """What differs, each with whether reading can go on. A column that was left out on purpose is no news."""
    chosen = {each["name"]: Column.from_json(each) for each in stream.columns}
    found = {column.name: column for column in now.columns}
    gone = [_entry(name, "gone", "is gone", breaks=True) for name in chosen if name not in found]
    known = chosen.keys() | set(stream.left_out)
    added = [
        _entry(name, "added", f"is new ({column.declared}) and not read", breaks=False)
        for name, column in found.items()
        if name not in known
    ]
    return [*gone, *_changed(chosen, found), *added]


def _changed(chosen: dict[str, Column], found: dict[str, Column]) -> list[dict[str, Any]]:
    both = [(column, found[name]) for name, column in chosen.items() if name in found]
    return [
        _entry(
            before.name, "changed", f"was {before.declared or before.type} and is {after.declared or after.type}",
            breaks=before.type is not after.type,
        )
        for before, after in both
        if (before.type, before.declared) != (after.type, after.declared)
    ]  # fmt: skip


def breaking(drift: Sequence[dict[str, Any]]) -> str:
    """What of it stops reading, in words; empty when nothing does."""
    return ", ".join(f"column {each['column']} {each['words']}" for each in drift if each["breaks"])


def _entry(column: str, what: str, words: str, *, breaks: bool) -> dict[str, Any]:
    return {"column": column, "what": what, "words": words, "breaks": breaks}
