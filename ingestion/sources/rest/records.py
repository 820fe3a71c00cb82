"""Where the records of an answer are."""

import re
from collections.abc import Iterator
from typing import Any

from ingestion.domain.mappings.errors import PartFailed
from ingestion.sources.contract import StreamChanged, StreamRefused
from ingestion.sources.rest.settings import Resource

_FIRST = re.compile(r'([A-Za-z_]\w*)|"([^"]+)"')
MAX_RECORDS = 50_000  # of one page
_USUAL = (
    "data",
    "results",
    "items",
    "records",
    "value",
    "values",
    "entries",
    "rows",
    "objects",
    "content",
    "list",
    "docs",
)


def records_of(document: Any, resource: Resource) -> list[Any]:
    """The records of a page, of whatever type each is. Raises StreamChanged when there is no place for them any more."""
    found = document
    if resource.records is not None and document != []:
        try:
            found = resource.records(document)
        except PartFailed:
            raise StreamRefused(
                f"“{resource.records_text}” cannot be applied to the answer, or is too much work for a page: ask for fewer records on a page."
            ) from None
    if isinstance(found, dict):
        return [found]
    if found is None and _has_place(document, resource.records_text):
        return []
    if not isinstance(found, list):
        raise StreamChanged(
            f"There are no records at “{resource.records_text or '@'}” in the answer, which {_holds(document)}."
        )
    if len(found) > MAX_RECORDS:
        raise StreamRefused(f"A page has more than {MAX_RECORDS:,} records: ask for fewer on a page.")
    return found


def find_records(document: Any) -> str:
    """The expression that leads to the list of objects in an answer; empty when it is the answer itself."""
    if isinstance(document, list):
        return ""
    found = {
        path: value
        for path, value in _lists(document)
        if value and all(isinstance(each, dict) for each in value)
    }
    usual = {name: place for place, name in enumerate(_USUAL)}
    if not found:  # no record yet: what is called like a list of records, or the only one
        lists = dict(_lists(document))
        found = lists if len(lists) == 1 else {path: value for path, value in lists.items() if path in usual}
    if not found:
        return ""
    return min(
        found,
        key=lambda path: (usual.get(path.rpartition(".")[2], len(usual)), path.count("."), -len(found[path])),
    )


def _lists(document: Any, before: str = "", depth: int = 3) -> Iterator[tuple[str, list[Any]]]:
    if not isinstance(document, dict) or depth == 0:
        return
    for name, value in list(document.items())[:200]:
        path = f"{before}{name if name.isidentifier() and name.isascii() else _quoted(name)}"
        if isinstance(value, list):
            yield path, value
        else:
            yield from _lists(value, f"{path}.", depth - 1)


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _has_place(document: Any, expression: str) -> bool:
    """Whether an empty answer to the expression may be an empty page: its first name is there."""
    first = _FIRST.match(expression.strip())
    return isinstance(document, dict) and first is not None and (first[1] or first[2]) in document


def _holds(document: Any) -> str:
    if isinstance(document, dict):
        names = ", ".join(str(name)[:40] for name in list(document)[:8])
        return f"has {names}" if names else "is an empty object"
    return "is a list" if isinstance(document, list) else "is one single value"
