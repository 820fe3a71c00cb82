"""A real server with an API, and reading it without a database."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingestion.models import Connection
from ingestion.sources.connections import create_connection
from ingestion.sources.contract import Batch, Column, Mode, Row, Selection, SourceError, State
from ingestion.sources.rest import RestSource, client
from streaming.event_log import close_event_log, event_log
from tests.ingestion.sources.conftest import BY, NOW, Crm, Producer
from tests.ingestion.sources.rest.server import Api, Reply, customers

SECRET = "s3cret-word"


@pytest.fixture(scope="session")
def server() -> Iterator[Api]:
    with Api().running() as api:
        yield api


@pytest.fixture
def api(server: Api) -> Api:
    """The API, as if it had just begun."""
    server.reset()
    return server


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client would have waited, instead of waiting."""
    waited: list[float] = []
    monkeypatch.setattr(client, "pause", waited.append)
    return waited


class Reader:
    """One stream of an API: described as a person would see it, and read as a run would."""

    kind = RestSource()

    def __init__(self, api: Api, **settings: str) -> None:
        self.settings = {
            "base_url": api.url,
            "auth": "none",
            "path": "/customers",
            "pagination": "none",
            **settings,
        }
        self.notes: list[str] = []

    def with_(self, **settings: str) -> "Reader":
        self.settings |= settings
        return self

    def selection(self, **changes: Any) -> Selection:
        from ingestion.sources.rest.inferring import columns_of

        columns: tuple[Column, ...] = changes.pop("columns", None) or columns_of(customers(1, 30))
        given: dict[str, Any] = {"key": ("id",), "mode": Mode.INCREMENTAL, "cursor": "updated_at", **changes}
        return Selection("customers", columns, **given)

    def batches(self, state: State | None = None, *, rows: int = 1000, **changes: Any) -> list[Batch]:
        found = list(self.kind.read(self.settings, self.selection(**changes), state or {}, rows=rows))
        self.notes = [note for batch in found for note in batch.notes]
        return found

    def rows(self, state: State | None = None, **changes: Any) -> list[Row]:
        return [row for batch in self.batches(state, **changes) for row in batch.rows]

    def ids(self, state: State | None = None, **changes: Any) -> list[int]:
        return [row.values["id"] for row in self.rows(state, **changes)]

    def state(self, state: State | None = None, **changes: Any) -> State:
        return self.batches(state, **changes)[-1].state

    def failing(
        self, state: State | None = None, *, rows: int = 1000, **changes: Any
    ) -> tuple[list[Row], SourceError]:
        """The rows that came before it failed, and why it did."""
        found: list[Row] = []
        try:
            for batch in self.kind.read(self.settings, self.selection(**changes), state or {}, rows=rows):
                found += batch.rows
        except SourceError as error:
            return found, error
        raise AssertionError("it did not fail")


@pytest.fixture
def reader(api: Api) -> Reader:
    return Reader(api)


def connection_to(api: Api, name: str) -> Connection:
    """A connection with a token."""
    typed = {"base_url": f"{api.url}/v1", "auth": "bearer", "token": SECRET, "test_path": "/table-0"}
    return create_connection(name=name, kind="rest", source="Shop", typed=typed, by=BY, now=NOW)


@pytest.fixture
def producer(fresh_database, api: Api) -> Iterator[Producer]:
    """A connection to the API, read into the log of the test's database."""
    api.answer = lambda _asked: Reply([])
    yield Producer(event_log(), Crm({}, print), connection_to(api, "Shop"))
    close_event_log()
