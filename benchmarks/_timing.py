"""How long the server takes for one address: processor time of Python and of PostgreSQL, statements, the slowest one.

The pages are asked for within this process, so that its processor time and the statements can be counted. What others do
on the machine lengthens the time by the clock, and hardly the processor time.
"""

import json
import os
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psycopg
from django.test import Client

TIMES = int(os.environ.get("PAGES_TIMES", "5"))
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_CURSOR = re.compile(r"""hx-vals='\{"cursor": "([^"]+)", "day": "([^"]*)"\}'""")


@dataclass(frozen=True, slots=True)
class Timed:
    """One address: milliseconds by the clock (best and median), of processor (best), statements, the slowest of them."""

    address: str
    best: float
    median: float
    processor: float
    statements: int
    slowest_ms: float
    slowest: tuple[str, Any]
    bytes: int
    answer: Any = field(repr=False)

    @property
    def line(self) -> str:
        """It in a line."""
        text = " ".join(self.slowest[0].split())[:60]
        return (
            f"{self.processor:>10.0f} ms {self.best:>12.0f} {self.median:>7.0f}  {self.statements:>6} {self.slowest_ms:>6.0f} ms"
            f" {self.bytes / 1024:>6.0f} KB  {self.address}  [{text}]"
        )

    @property
    def next(self) -> tuple[str, dict[str, str] | None] | None:
        """The address of the following page, and what is posted there; None where the list ends."""
        body = self.answer.content
        if not body:
            return None
        if self.answer.headers["Content-Type"].startswith("application/json"):
            following = json.loads(body).get("next") if body[:1] == b"{" else None
            return (following, None) if isinstance(following, str) else None  # a number is posted again
        text = body.decode()
        if found := _NEXT.search(text):
            return unescape(found[1]), None
        if found := _CURSOR.search(text):
            return "timeline/", {"cursor": found[1].encode().decode("unicode_escape"), "day": found[2]}
        return None


class Meter:
    """Counts statements of all connections of this process, and the processor time of the database's sessions."""

    def __init__(self, server: int) -> None:
        self._server = server
        self.statements: list[tuple[float, str, Any]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block each statement that is run is noted."""
        original = psycopg.Cursor.execute
        noted = self.statements

        def execute(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return original(cursor, query, params, **options)
            finally:
                noted.append((time.perf_counter() - began, str(query), params))

        psycopg.Cursor.execute = execute  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            psycopg.Cursor.execute = original  # type: ignore[method-assign]

    def processor(self) -> float:
        """Seconds of processor that this process and the sessions of the database have used, those that ended too."""
        return time.process_time() + sum(map(_used, self._sessions)) + _ended(self._server)

    @cached_property
    def _sessions(self) -> list[Path]:
        children = Path(f"/proc/{self._server}/task/{self._server}/children").read_text().split()
        return [Path(f"/proc/{child}/schedstat") for child in children]

    def look_again(self) -> None:
        """Sessions come and go: find those that there are now."""
        self.__dict__.pop("_sessions", None)


def _used(schedule: Path) -> float:
    try:
        return int(schedule.read_text().split()[0]) / 1e9
    except (OSError, IndexError):
        return 0.0


def _ended(server: int) -> float:
    """What sessions that have ended had used: pages that read the log have some of their own for it."""
    after_the_name = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_the_name[13:15])) / os.sysconf("SC_CLK_TCK")


class Refused(Exception):
    """A page did not answer as it should."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for pages: signed in to the admin, and with a token for the API."""

    client: Client
    token: str
    meter: Meter

    def visit(self, address: str, data: dict[str, str] | None) -> list[Timed]:
        """The address, where it leads, and the page that follows if it names one. Raises Refused."""
        found = [self.timed(address, data)]
        if found[0].answer.status_code == HTTPStatus.FOUND:
            address, data = found[0].answer.headers["Location"], None
            found.append(self.timed(address, data))
        if following := found[-1].next:
            path, posted = following
            path = (
                address.partition("?")[0] + path if path[:1] == "?" else path.removeprefix("http://localhost")
            )
            if posted is not None:
                path = address.partition("?")[0].removesuffix("timeline/") + "timeline/"
                posted = {**(data or {}), **posted}
            found.append(self.timed(path, posted))
        return found

    def timed(self, address: str, data: dict[str, str] | None) -> Timed:
        """Ask for it TIMES times after one that warms up. Raises Refused for any other answer than 200 and a redirect."""
        clocks, processors, answer = [], [], self._ask(address, data)
        for _ in range(TIMES):
            self.meter.look_again()
            self.meter.statements.clear()
            processor, clock = self.meter.processor(), time.perf_counter()
            answer = self._ask(address, data)
            clocks.append((time.perf_counter() - clock) * 1000)
            self.meter.look_again()
            processors.append((self.meter.processor() - processor) * 1000)
        statements = self.meter.statements
        slowest = max(statements, default=(0.0, "", None), key=lambda each: each[0])
        return Timed(
            address, min(clocks), statistics.median(clocks), min(processors), len(statements), slowest[0] * 1000,
            slowest[1:], len(answer.content), answer,
        )  # fmt: skip

    def _ask(self, address: str, data: dict[str, str] | None) -> Any:
        options: dict[str, Any] = {"headers": {"host": "localhost"}}
        if address.startswith("/api/v1/"):
            options["headers"]["authorization"] = f"Bearer {self.token}"
            if data is not None:
                options["content_type"] = "application/json"
        try:
            if data is None:
                answer: Any = self.client.get(address, **options)
            else:
                answer = self.client.post(address, data, **options)
        except Exception as error:  # the test client raises what a server would answer with 500
            raise Refused(f"{address}: {error!r}") from error
        if answer.status_code not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT, HTTPStatus.FOUND):
            raise Refused(f"{address} answers {answer.status_code}: {answer.content[:300]!r}")
        return answer


def plan_of(connection: psycopg.Connection[Any], statement: tuple[str, Any]) -> str:
    """EXPLAIN (ANALYZE, BUFFERS) of it, undone afterwards."""
    query, parameters = statement
    explained = f"EXPLAIN (ANALYZE, BUFFERS) {query}"
    with connection.transaction(force_rollback=True):
        try:
            rows = psycopg.ClientCursor(connection).execute(explained, parameters).fetchall()
        except psycopg.ProgrammingError:  # arrays that the profile builder sends in binary
            rows = psycopg.Cursor(connection).execute(explained, parameters).fetchall()
        return "\n".join(row[0] for row in rows)
