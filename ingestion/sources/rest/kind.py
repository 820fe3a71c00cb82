"""The kind `rest`: the records of an API, page by page, by a cursor or whole."""

from collections.abc import Iterator

from ingestion.sources.contract import (
    Batch,
    FormField,
    Mode,
    Selection,
    Settings,
    State,
    StreamInfo,
    StreamRefused,
)
from ingestion.sources.rest.fields import CONNECTION_FIELDS, STREAM_FIELDS


class RestSource:
    """Reads JSON over HTTP: what a person says of each stream, the rest found out from the first answer."""

    key = "rest"
    title = "REST API"
    fields: tuple[FormField, ...] = CONNECTION_FIELDS
    stream_fields: tuple[FormField, ...] = STREAM_FIELDS

    def check(self, settings: Settings) -> str:
        """Try the login at the path for that, else at the base URL."""
        from ingestion.sources.rest.client import Client, Refused  # noqa: PLC0415 -- httpx takes long to load
        from ingestion.sources.rest.settings import Resource  # noqa: PLC0415 -- with it

        path = settings.get("test_path", "")
        resource = Resource.of({"path": path})
        with Client(settings) as client:
            try:
                client.ask("GET", client.address(resource.path))
            except Refused as refused:
                if path or refused.status not in (404, 405):
                    raise
                return (
                    "The API answers. Whether the login works shows at a path: none is given to try it with."
                )
        return "The API answers, and takes the login."

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """None: an API does not list them in a way that all share."""
        del settings
        return []

    def describe(self, settings: Settings, stream: str) -> StreamInfo:
        """The first page, the columns of its records, and how its pages are linked."""
        from ingestion.sources.rest.client import Client  # noqa: PLC0415 -- httpx takes long to load
        from ingestion.sources.rest.looking import described  # noqa: PLC0415 -- with it

        with Client(settings) as client:
            return described(client, settings, stream)

    def begin(self, selection: Selection, former: State | None) -> State:
        """From the beginning, or from where the last run ended, less the look-back."""
        from ingestion.sources.rest.cursors import looked_back  # noqa: PLC0415 -- beside the others

        if selection.mode == Mode.FULL or former is None or "cursor" not in former:
            return {}
        if not selection.look_back:
            return {name: former[name] for name in ("cursor", "seen") if name in former}
        reached = {"high": former["cursor"], "high_seen": former.get("seen", [])}
        return {"cursor": looked_back(selection, former["cursor"]), **reached}

    def first(self, selection: Selection, cursor: str) -> State:
        """From this cursor on."""
        from ingestion.sources.rest.cursors import typed_cursor  # noqa: PLC0415 -- beside the others

        return {"cursor": typed_cursor(selection, cursor)}

    def read(self, settings: Settings, selection: Selection, state: State, *, rows: int) -> Iterator[Batch]:
        """Page after page from the state on."""
        from ingestion.sources.rest.client import Client  # noqa: PLC0415 -- httpx takes long to load
        from ingestion.sources.rest.reading import Reading  # noqa: PLC0415 -- with it

        try:
            with Client(settings) as client:
                yield from Reading(client, settings, selection, state).batches(rows)
        except StreamRefused as refused:
            raise StreamRefused(f"{selection.stream}: {refused}") from None

    def remaining(self, settings: Settings, selection: Selection, state: State) -> int | None:
        """That cannot be told: what APIs say of totals is of all records, not of those that are new."""
        del settings, selection, state
        return None
