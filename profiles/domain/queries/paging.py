"""Pages by key: a cursor names the row where a page ends, and is signed, so that nobody can make one up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing

MAX_PAGE = 500
MAX_CURSOR = 600  # characters

T = TypeVar("T")


class InvalidCursor(ValueError):
    """The cursor was not given out by this list."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in the order of the list, and the cursors of the pages after and before; None where it ends."""

    items: list[T]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page starts: after this position of the list, or before it."""

    position: tuple[Any, ...]
    backwards: bool = False


def read_cursor(text: str | None, listing: str) -> Cursor | None:
    """The cursor that this list gave out as `text`; None stands for the first page. Raises InvalidCursor."""
    if not text:
        return None
    try:
        if len(text) > MAX_CURSOR:
            raise signing.BadSignature  # noqa: TRY301 -- one answer for everything that is not a cursor
        backwards, *position = signing.Signer(salt=listing).unsign_object(text)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidCursor(
            "The cursor is not one that this list gave out; start at the first page."
        ) from error
    return Cursor(tuple(position), bool(backwards))


def write_cursor(listing: str, position: Sequence[Any], *, backwards: bool = False) -> str:
    """The text of a cursor."""
    return signing.Signer(salt=listing).sign_object([int(backwards), *position], compress=False)


def page_of(
    rows: list[T], *, limit: int, cursor: Cursor | None, listing: str, position: Callable[[T], Sequence[Any]]
) -> Page[T]:
    """The page of `rows`: up to `limit` + 1 of them, read from the cursor on in its direction."""
    backwards = cursor is not None and cursor.backwards
    more = len(rows) > limit
    items = rows[:limit][::-1] if backwards else rows[:limit]
    if not items:
        return Page([])
    after, before = (True, more) if backwards else (more, cursor is not None)
    return Page(
        items,
        next=write_cursor(listing, position(items[-1])) if after else None,
        previous=write_cursor(listing, position(items[0]), backwards=True) if before else None,
    )


def bounded(limit: int) -> int:
    """The size of a page, at least 1 and at most MAX_PAGE."""
    return max(1, min(limit, MAX_PAGE))
