"""Reads page after page from a state on, and says after each batch where reading would go on.

The cursor of the state moves only at the last page, because nothing says in which order an API gives its records. Until
then the state holds the next page beside the cursor, and falls back to the cursor when the API has forgotten the page.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.sources.contract import Batch, Mode, Selection, Settings, SourceError, State, StreamRefused
from ingestion.sources.rest.client import Answer, Client, Refused
from ingestion.sources.rest.cursors import sent
from ingestion.sources.rest.detecting import detect
from ingestion.sources.rest.loops import Loops
from ingestion.sources.rest.paging import BY_COUNT, Page, Paging
from ingestion.sources.rest.records import records_of
from ingestion.sources.rest.rows import Rows, Taken
from ingestion.sources.rest.settings import Parameter, Resource
from ingestion.sources.rest.shape import check_shape

GATHERED_S = 2.0
MAX_RESTARTS = 3
_FORGOTTEN = frozenset({400, 404, 409, 410, 416, 422})
_BEYOND = frozenset({404, 416})
_KEPT = ("cursor", "seen", "until", "high", "high_seen")


class Reading:
    """One reading of a resource."""

    def __init__(self, client: Client, settings: Settings, selection: Selection, state: State) -> None:
        self._client, self._settings, self._selection = client, settings, selection
        self._fingerprint = Resource.of(settings).fingerprint
        self._state = _usable(state, self._fingerprint)
        self._resource = Resource.of({**settings, **self._state.get("found", {})})
        self._rows, self._loops = Rows(selection, self._state), Loops()
        self._paging = Paging(client, self._resource)
        self._notes: list[str] = []

    def batches(self, rows: int) -> Iterator[Batch]:
        """The rows after the state. What came before a failure is given before it is raised."""
        if self._state.get("end"):
            return
        gathered, before, began = Taken(), self._state, time.monotonic()
        while True:
            try:
                is_last = self._turn(gathered)
            except SourceError:
                if gathered.rows or gathered.refused or self._notes:
                    yield from self._parts(gathered, before, rows)
                raise
            size = len(gathered.rows) + len(gathered.refused)
            if is_last or size >= rows or time.monotonic() - began > GATHERED_S:
                yield from self._parts(gathered, before, rows, is_last=is_last)
                gathered, before, began = Taken(), self._state, time.monotonic()
            if is_last:
                return

    def _turn(self, gathered: Taken) -> bool:
        """Read one page; whether it was the last."""
        state, page = self._state, self._state.get("page", {})
        try:
            answer = self._paging.ask(page, self._parameters())
        except Refused as refused:
            return self._without(page, refused)
        if self._resource.pagination == "detect":
            self._find_pages(answer)
        records = records_of(answer.document, self._resource)
        if self._loops.is_repeated(state, records):
            return self._same_again()
        check_shape(self._selection, records)
        kept = self._loops.looked(state, records, page)
        following = self._paging.following(page, answer, len(records))
        self._loops.named(following)
        self._gather(self._rows.take(records, answer.now), gathered, len(records))
        self._tell_of_more(answer)
        self._state = self._ended() if following is None else self._on(following, kept)
        return following is None

    def _parts(self, gathered: Taken, before: State, rows: int, *, is_last: bool = False) -> Iterator[Batch]:
        """The rows in batches of so many; the state moves with the last of them."""
        notes, self._notes = self._notes, []
        while len(gathered.rows) > rows:
            yield Batch(before, gathered.rows[:rows])
            del gathered.rows[:rows]
        yield Batch(self._state, gathered.rows, gathered.refused, notes, is_last)

    def _parameters(self) -> dict[str, str]:
        """What each page is asked with: from which cursor on, and to which."""
        found = {}
        for parameter, name in ((self._resource.cursor, "cursor"), (self._resource.until, "until")):
            if parameter is not None and name in self._state:
                found[parameter.name] = self._filled(parameter, self._state[name])
        return found

    def _filled(self, parameter: Parameter, cursor: Any) -> str:
        return parameter.filled(sent(cursor, self._resource.cursor_format))

    def _gather(self, taken: Taken, gathered: Taken, records: int) -> None:
        self._loops.took(records=records, is_new=taken.is_new or bool(taken.older or taken.ahead))
        gathered.rows += taken.rows
        gathered.refused += taken.refused
        cursor = self._selection.cursor
        if taken.ahead:
            self._note(
                f"{cursor} is more than a day in the future in some records: they are read once that time has come"
            )
        if self._resource.cursor is not None and taken.older * 2 > records:
            self._note(
                f"most records of a page are older than what was asked for: {self._resource.cursor.name} may not be what the API calls it"
            )

    def _note(self, words: str) -> None:
        if words not in self._notes:
            self._notes.append(words)

    def _find_pages(self, answer: Answer) -> None:
        found = detect(answer)
        self._resource = Resource.of({**self._settings, **found})
        self._paging = Paging(self._client, self._resource)
        self._state = {**self._state, "found": found}

    def _tell_of_more(self, answer: Answer) -> None:
        if self._resource.pagination == "none" and detect(answer)["pagination"] in (
            "link_header",
            "next_link",
            "token",
        ):
            self._note(
                "the answer speaks of further pages, which are not read: choose how its pages are found"
            )

    def _without(self, page: Page, refused: Refused) -> bool:
        """What a refusal of a further page means: by count it was beyond the end, else it is forgotten. Raises Refused."""
        if page and self._resource.pagination in BY_COUNT and refused.status in _BEYOND:
            self._state = self._ended()
            return True
        restarts = self._state.get("restarts", 0) + 1
        if not page or self._resource.pagination in BY_COUNT or refused.status not in _FORGOTTEN:
            raise refused
        if restarts > MAX_RESTARTS:
            raise StreamRefused(
                f"A further page was refused {restarts} times, from the beginning on each time. {refused}"
            )
        self._note(
            "the API had forgotten where reading stood, so that it began again at the cursor: what came twice counts once"
        )
        self._state = {**_only(self._state, _KEPT), "restarts": restarts}
        self._rows, self._loops = Rows(self._selection, self._state), Loops()
        return False

    def _same_again(self) -> bool:
        if self._resource.pagination in BY_COUNT and self._state.get("turned"):
            self._note("beyond its last page the API gives that page again: this was taken as the end")
            self._state = self._ended()
            return True
        name = self._resource.page_parameter or "the parameter of the page"
        raise StreamRefused(
            f"The API gives the same page again and again: it does not know {name}, or calls it otherwise."
        )

    def _on(self, following: Page, kept: Mapping[str, Any]) -> State:
        state = {**_only(self._state, (*_KEPT, "found", "restarts")), **kept, "page": following}
        reached = self._rows.reached
        if reached:
            state |= {"high": reached["cursor"], "high_seen": reached["seen"]}
        return {**state, "of": self._fingerprint}

    def _ended(self) -> State:
        if self._selection.mode == Mode.FULL:
            return {"end": True}
        return {**_only(self._state, ("cursor", "seen", "until")), **self._rows.reached}


def _only(state: State, names: tuple[str, ...]) -> State:
    return {name: state[name] for name in names if name in state}


def _usable(state: State, fingerprint: str) -> State:
    """The state; without its page when what pages depend on has been changed since."""
    if "page" not in state or state.get("of") == fingerprint:
        return dict(state)
    return _only(state, _KEPT)
