"""What the first answer shows of how its pages are linked."""

from collections.abc import Iterator
from typing import Any

from ingestion.sources.rest.client import Answer
from ingestion.sources.rest.links import next_link

_LINKS = (
    "next", "links.next", "_links.next.href", "links.next.href", "next_url", "nextUrl", "nextLink", "next_link", "next_page_url",
    '"@odata.nextLink"', "paging.next", "pagination.next", "meta.next", "pagination.next_url", "pagination.links.next",
    "links.next_url", "next_page", "paging.next.link", "nextPageUrl", "nextRecordsUrl",
)  # fmt: skip
_TOKENS = {
    "next_cursor": "cursor", "nextCursor": "cursor", "meta.next_cursor": "cursor", "pagination.next_cursor": "cursor",
    "response_metadata.next_cursor": "cursor", "next_page_token": "page_token", "nextPageToken": "pageToken",
    "next_token": "next_token", "nextToken": "nextToken", "meta.next_token": "pagination_token", "paging.next.after": "after",
    "paging.cursors.after": "after", "meta.after_cursor": "page[after]", "pagination.cursor": "cursor", "continuation_token": "continuation_token",
    "continuationToken": "continuationToken", "meta.cursor": "cursor", "cursor": "cursor", "after": "after", "next": "cursor",
    "next_page": "page", "meta.next_page": "page", "pagination.next_page": "page",
}  # fmt: skip
_TOTALS = (
    "total_pages",
    "totalPages",
    "last_page",
    "lastPage",
    "page_count",
    "pageCount",
    "pages",
    "num_pages",
)
_SIZES = ("per_page", "perPage", "page_size", "pageSize", "limit", "size")


def detect(answer: Answer) -> dict[str, str]:
    """The stream's settings by which its pages are found; `none` when nothing speaks of further ones."""
    if next_link(answer.headers.get_list("link")):
        return {"pagination": "link_header"}
    document = answer.document if isinstance(answer.document, dict) else {}
    return (
        _by_link(document, told=True) or _by_token(document) or _counted(document)
        or _by_link(document, told=False) or {"pagination": "none"}
    )  # fmt: skip


def _by_link(document: dict[str, Any], *, told: bool) -> dict[str, str]:
    """By an address in the answer; not `told`: by a place for one, which is empty on the only page."""
    for path in _LINKS:
        is_there, value = _at(document, path)
        looks = isinstance(value, str) and value.startswith(("http://", "https://", "/", "?"))
        if looks if told else is_there and value is None:
            return {"pagination": "next_link", "next": path}
    return {}


def _by_token(document: dict[str, Any]) -> dict[str, str]:
    for path, parameter in _TOKENS.items():
        _, value = _at(document, path)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return {"pagination": "token", "next": path, "page_parameter": parameter}
    return {}


def _counted(document: dict[str, Any]) -> dict[str, str]:
    """By numbers: of pages, or of records to pass over."""
    for place in _places(document):
        size = (
            {"size_parameter": next(name for name in _SIZES if name in place)}
            if set(_SIZES) & place.keys()
            else {}
        )
        for name in ("offset", "skip", "start"):
            if isinstance(place.get(name), int):
                return {"pagination": "offset", "page_parameter": name, **size}
        for name in ("page", "current_page", "currentPage", "page_number", "pageNumber"):
            if isinstance(place.get(name), int) and {*_TOTALS, *_SIZES} & place.keys():
                parameter = "page" if name.startswith("current") else name
                first = {"first_page": "0"} if place[name] == 0 else {}
                return {"pagination": "page", "page_parameter": parameter, **size, **first}
    return {}


def _places(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield document
    for name in ("meta", "pagination", "paging", "page_info", "page", "meta.pagination"):
        _, value = _at(document, name)
        if isinstance(value, dict):
            yield value


def _at(document: dict[str, Any], path: str) -> tuple[bool, Any]:
    """Whether there is something at a path of names, and what."""
    steps = [path.strip('"')] if path.startswith('"') else path.split(".")
    value: Any = document
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            return False, None
        value = value[step]
    return True, value
