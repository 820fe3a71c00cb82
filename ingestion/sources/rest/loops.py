"""Whether pages lead anywhere: an API that names the same page, gives the same records or nothing for ever is told, not followed."""

from collections.abc import Sequence
from typing import Any

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.identity import content_id
from ingestion.sources.contract import State, StreamRefused

MAX_PAGES = 1_000_000
MAX_EMPTY = 100  # pages in a row
MAX_STALE = 3  # pages in a row with nothing but records that came before
MAX_KEPT = 100_000  # pages that one reading remembers


class Loops:
    """Looks at each page of one reading. What must outlast the reading is kept in the state."""

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._stale, self._digest = 0, ""

    def looked(self, state: State, records: Sequence[Any], page: dict[str, Any]) -> State:
        """What the state keeps of a page that was compared. Raises StreamRefused when the pages lead nowhere."""
        pages, empty = state.get("pages", 0) + 1, 0 if records else state.get("empty", 0) + 1
        if pages > MAX_PAGES:
            raise StreamRefused(f"There was no end after {MAX_PAGES:,} pages: check how its pages are found.")
        if empty > MAX_EMPTY:
            raise StreamRefused(
                f"{MAX_EMPTY} pages in a row had no record, and each named another one: check how its pages are found."
            )
        if len(self._named) < MAX_KEPT:
            self._named.add(content_id(page))
        kept: State = {"pages": pages}
        if empty:
            kept["empty"] = empty
        if last := self._digest or state.get("last", ""):
            kept["last"] = last
        if state.get("turned") or (pages > 1 and records and state.get("last") not in (None, last)):
            kept["turned"] = True
        return kept

    def is_repeated(self, state: State, records: Sequence[Any]) -> bool:
        """Whether a page has the very records of the page before."""
        self._digest = _digest(records)
        return bool(records) and self._digest == state.get("last")

    def named(self, page: dict[str, Any] | None) -> None:
        """The page that comes next. Raises StreamRefused when it has been there."""
        if page is not None and content_id(page) in self._named:
            raise StreamRefused(
                "The API names a page as the next one that has been read already, and so would go on for ever: "
                "check where the token or address is, and the parameter that carries it."
            )

    def took(self, *, records: int, is_new: bool) -> None:
        """Whether a page had any record that did not come before. Raises StreamRefused when several had none."""
        self._stale = self._stale + 1 if records and not is_new else 0
        if self._stale >= MAX_STALE:
            raise StreamRefused(
                f"{MAX_STALE} pages in a row had only records that came on pages before: check how its pages are found."
            )


def _digest(records: Sequence[Any]) -> str:
    try:
        return content_id(records) if records else ""
    except PartFailed:  # too large to be compared
        return ""
