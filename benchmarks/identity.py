"""Identity at work: merges in the stream, a chain of merges beside other people, and taking a large person apart.

`PEOPLE=1000000 EVENTS=100000 CHAIN=1000 EVENTS_PER_SECOND=500 python -m benchmarks identity` sets the population, the
backlog of which 2 % merge two people, the length of the chain, and the load beside it. `ONLY=rate,chain,unmerge` names parts.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from itertools import islice

import psycopg

from benchmarks._installation import Installation
from benchmarks._load import Connection, Outcome, drive
from benchmarks._population import populate
from benchmarks._visits import Visits, topics, visitor
from benchmarks.builder import build
from benchmarks.freshness import BATCH, Customer, probe
from benchmarks.results import Figure
from streaming.contracts.events import WireEvent
from streaming.contracts.records import TopicSpec
from streaming.postgres.log import PostgresLog

PEOPLE = int(os.environ.get("PEOPLE", "1000000"))
EVENTS = int(os.environ.get("EVENTS", "100000"))
CHAIN = int(os.environ.get("CHAIN", "1000"))
EVENTS_PER_SECOND = int(os.environ.get("EVENTS_PER_SECOND", "500"))
ONLY = os.environ.get("ONLY", "rate,chain,unmerge").split(",")
MERGING = 0.02  # of the events
UNMERGED = 10_000  # events of the person who is taken apart
PARTITIONS = 2
APPENDED_AT_ONCE = 5000
SECONDS = 30.0
PATIENCE_S = 120.0
_APPLIED = "SELECT coalesce(sum(applied), 0)::bigint FROM profiles_builder_minute"


class Merging(Visits):
    """Visits, and in some events an alias that makes two known visitors one: each is of two who were not named yet."""

    def __init__(self, known: int, sample: int, share: float) -> None:
        super().__init__(known, sample)
        self._every = round(1 / share) if share else 0
        self._pairs = iter(range(2, known, 2))

    def named(self, merges: int) -> list[str]:
        """The visitors that so many merges are of."""
        return [visitor(number) for number in range(1, 2 * merges + 3)]

    def _event(self, number: int) -> WireEvent:
        event = super()._event(number)
        if self._every and number % self._every == 0:
            second = next(self._pairs)
            event |= {
                "type": "alias", "event": None, "user_id": None, "traits": {},
                "anonymous_id": visitor(second - 1), "previous_id": visitor(second),
            }  # fmt: skip
        return event


def run() -> list[Figure]:
    """Measure the parts, each in an installation of its own."""
    parts = {"rate": _rates, "chain": _chain, "unmerge": _unmerge}
    return [figure for name in ONLY for figure in parts[name]()]


def _rates() -> list[Figure]:
    rates = {share: _rate(share) for share in (0.0, MERGING)}
    detail = f"{PEOPLE:,} people before; {EVENTS:,} events, {MERGING:.0%} of them merge two people"
    return [
        Figure("profile builder with merges, events", rates[MERGING], "/s", "", rates[0.0], detail),
        Figure("its rate with merges to that without", rates[MERGING] / rates[0.0], "", "0.8", detail=detail),
    ]


def _rate(share: float) -> float:
    """Events a second of the real worker, of which this share merges."""
    visits = Merging(PEOPLE, EVENTS // 12, share)
    with Installation() as installation:
        with installation.connect() as connection:
            returning = sorted({*visits.returning, *visits.named(round(EVENTS * MERGING))})
            populate(connection, PEOPLE, returning)
        log = PostgresLog(installation.conninfo)
        log.create_topics([TopicSpec(topic, PARTITIONS) for topic in (*topics(), "events.alias")])
        records = visits.records(EVENTS)
        while batch := list(islice(records, APPENDED_AT_ONCE)):
            log.append(batch)
        log.close()
        rate, _ = build(installation, EVENTS)
        with installation.connect() as connection:
            merges = connection.execute("SELECT count(*) FROM profiles_merge").fetchone()
    if share and merges and merges[0] < EVENTS * share * 0.95:
        raise RuntimeError(f"only {merges[0]} of {EVENTS * share:.0f} merges happened")
    return rate


def _chain() -> list[Figure]:
    """How long others wait while a chain of people becomes one, each older than all before it."""
    with Installation() as installation:
        with installation.connect() as connection:
            connection.execute('UPDATE profiles_namespace SET "limit" = NULL')
        installation.serve()
        installation.start("run_consumers")
        customer = _Staff(installation)
        asyncio.run(probe(customer, seconds=3))
        floor = asyncio.run(_beside(customer, iter(())))
        asyncio.run(_send(customer, [customer.seen(number) for number in range(CHAIN)]))
        _wait_until(
            installation, "SELECT count(*) FROM profiles_identifier WHERE value LIKE 'chain-%%'", CHAIN
        )
        links = [customer.linked(number) for number in range(CHAIN - 1)]
        measured = asyncio.run(_beside(customer, iter(links)))
        _wait_until(installation, "SELECT count(*) FROM profiles_merge", CHAIN - 1)
    detail = (
        f"{CHAIN:,} people become one by links from the youngest to the eldest, "
        f"beside {EVENTS_PER_SECOND:,} events/s; floor: without the chain"
    )
    return [
        Figure(
            "others beside a chain of merges, p99", measured.percentile(0.99), "ms", "2 x the floor at most",
            floor.percentile(0.99), detail,
        )
    ]  # fmt: skip


async def _beside(customer: "_Staff", links: Iterator[dict[str, object]]) -> Outcome:
    """How long probes took to be seen under a steady load, while the links are sent."""
    rate = EVENTS_PER_SECOND / BATCH
    load = asyncio.create_task(drive(customer.port, customer.batches(), rate=rate, seconds=SECONDS))
    sending = asyncio.create_task(_send(customer, list(links), seconds=SECONDS - 10))
    await asyncio.sleep(2)
    outcome = await probe(customer, seconds=SECONDS - 4)
    await sending
    if (sent := await load).wrong:
        raise RuntimeError(f"{len(sent.wrong)} batches refused, the first: {sent.wrong[0][:300]!r}")
    return outcome


async def _send(customer: "_Staff", events: list[dict[str, object]], *, seconds: float = 0) -> None:
    """Send events, in batches, spread over so many seconds."""
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(Connection, "127.0.0.1", customer.port)
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    for batch in batches:
        answer = await connection.ask(customer.batch(batch))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a batch was refused: {answer[:300]!r}")
        await asyncio.sleep(seconds / len(batches))
    transport.close()


class _Staff(Customer):
    """Sends events of a chain of people, and may decide who is who."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        token = installation.manage(
            "create_token", "staff", "--scope", "people.view", "people.search", "identity.decide"
        )
        self._decider = f"Authorization: Bearer {token}"

    def seen(self, number: int) -> dict[str, object]:
        """An event of somebody in the chain; the later in the chain, the longer ago."""
        hour, minute = divmod(number, 60)
        time_ = f"2026-01-{28 - hour:02}T12:{59 - minute:02}:00.000Z"
        return {
            "type": "page", "anonymousId": f"chain-{number}", "messageId": f"chain-{number}", "timestamp": time_
        }  # fmt: skip

    def linked(self, number: int) -> dict[str, object]:
        """An event that makes somebody in the chain one with the next."""
        return {
            "type": "alias", "anonymousId": f"chain-{number + 1}", "previousId": f"chain-{number}",
            "messageId": f"link-{number}",
        }  # fmt: skip

    def visit(self, number: int) -> dict[str, object]:
        """An event of the person who is taken apart, on one of their two devices."""
        return {
            "type": "identify", "userId": "large", "anonymousId": f"device-{number % 2}", "messageId": f"large-{number}",
            "traits": {f"trait{number % 50}": number},
        }  # fmt: skip

    def batch(self, events: list[dict[str, object]]) -> bytes:
        """The request that sends these events."""
        return self._post("/v1/batch", {"batch": events})

    def unmerge(self, profile: str, link: int) -> bytes:
        """The request that withdraws a link of a person."""
        body = json.dumps({"evidence": [link], "why": "measured"})
        head = f"POST /api/v1/profiles/{profile}/unmerge/ HTTP/1.1\r\nHost: localhost:{self.port}\r\n{self._decider}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def _unmerge() -> list[Figure]:
    """How long the API takes to take a device off a person with many events."""
    with Installation() as installation, installation.connect() as connection:
        installation.serve()
        installation.start("run_consumers")
        staff = _Staff(installation)
        asyncio.run(_send(staff, [staff.visit(number) for number in range(UNMERGED)]))
        _wait_until(installation, _APPLIED, UNMERGED)
        row = connection.execute(
            "SELECT p.public_id::text, e.id FROM profiles_profile p JOIN profiles_identifier i ON i.profile_id = p.id "
            "JOIN profiles_evidence e ON i.id IN (e.a_id, e.b_id) WHERE i.value = 'device-1'"
        ).fetchone()
        assert row is not None
        started = time.perf_counter()
        answer = asyncio.run(_ask(staff, staff.unmerge(row[0], row[1])))
        seconds = time.perf_counter() - started
        if not answer.startswith(b"HTTP/1.1 200") or b'"still_one":false' not in answer:
            raise RuntimeError(f"the person was not taken apart: {answer[:500]!r}")
        people = connection.execute("SELECT count(*) FROM profiles_profile").fetchone()
    detail = f"{UNMERGED:,} events with traits on two devices, {people[0] if people else 0} people afterwards"
    return [Figure("unmerge by API", seconds, "s", "< 2", detail=detail)]


async def _ask(customer: Customer, request: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(Connection, "127.0.0.1", customer.port)
    answer = await connection.ask(request)
    transport.close()
    return answer


def _wait_until(installation: Installation, query: str, count: int) -> None:
    """Wait until the query has counted so much."""
    deadline = time.monotonic() + PATIENCE_S
    with installation.connect() as connection:
        while (found := _count(connection, query)) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{found} of {count} after {PATIENCE_S:.0f} s: {query}")
            time.sleep(0.1)


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    count: int = row[0]
    return count


if __name__ == "__main__":
    for figure in run():
        print(figure)
