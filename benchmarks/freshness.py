"""From the collector's 200 to visible in the API: the whole system runs, while a steady load passes through it.

`EVENTS_PER_SECOND=2000 python -m benchmarks freshness` sets the load.
"""

import asyncio
import base64
import itertools
import json
import os
import time
from collections.abc import Iterator

from benchmarks._installation import Installation
from benchmarks._load import Connection, Outcome, drive
from benchmarks.results import Figure

EVENTS_PER_SECOND = int(os.environ.get("EVENTS_PER_SECOND", "1000"))
BATCH = 20
PROBES_PER_SECOND = 4
SECONDS = 30.0
IDLE_SECONDS = 10.0
LOOK_EVERY_S = 0.01
PATIENCE_S = 30.0

_numbers = itertools.count()


class Customer:
    """Sends events with a write key, and looks people up with a token."""

    def __init__(self, installation: Installation) -> None:
        self.port = installation.port
        key = installation.manage("create_source", "Benchmark")
        token = installation.manage("create_token", "benchmark", "--scope", "people.view", "people.search")
        self._sender = f"Authorization: Basic {base64.b64encode(f'{key}:'.encode()).decode()}"
        self._reader = f"Authorization: Bearer {token}"

    def batches(self) -> Iterator[bytes]:
        """Requests of the load: page views, one in twelve of a new visitor."""
        while True:
            events = [self._event(next(_numbers)) for _ in range(BATCH)]
            yield self._post("/v1/batch", {"batch": events})

    def _event(self, number: int) -> dict[str, object]:
        properties = {"url": "https://shop.example.com/shoes", "title": "Shoes", "padding": "x" * 300}
        visitor = f"v{number if number % 12 == 0 else number % 500}"
        return {"type": "page", "anonymousId": visitor, "messageId": f"m{number}", "properties": properties}

    def identify(self, user: str) -> bytes:
        """The request that makes this user known."""
        return self._post("/v1/identify", {"userId": user, "messageId": user, "traits": {"plan": "gold"}})

    def look_up(self, user: str) -> bytes:
        """The request that sees whether the user is known."""
        path = f"/api/v1/profiles/?identifier=user_id:{user}"
        return f"GET {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n{self._reader}\r\n\r\n".encode()

    def _post(self, path: str, document: object) -> bytes:
        body = json.dumps(document)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n{self._sender}\r\n"
        return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def run() -> list[Figure]:
    """Measure without load, which is the floor, and then with it."""
    with Installation() as installation:
        installation.serve()
        installation.start("run_consumers")
        customer = Customer(installation)
        asyncio.run(probe(customer, seconds=3))
        floor = asyncio.run(probe(customer, seconds=IDLE_SECONDS))
        measured = asyncio.run(_under_load(customer))
    return [
        Figure(
            f"from the 200 to visible in the API, p{share * 100:.0f}",
            measured.percentile(share),
            "ms",
            goal="< 250" if share > 0.9 else "",
            floor=floor.percentile(share),
            detail=f"{EVENTS_PER_SECOND:,} events/s in batches of {BATCH}; floor: without load",
        )
        for share in (0.5, 0.99)
    ]


async def _under_load(customer: Customer) -> Outcome:
    rate = EVENTS_PER_SECOND / BATCH
    load = asyncio.create_task(drive(customer.port, customer.batches(), rate=rate, seconds=SECONDS))
    await asyncio.sleep(2)
    outcome = await probe(customer, seconds=SECONDS - 4)
    sent = await load
    if sent.wrong:
        raise RuntimeError(f"{len(sent.wrong)} batches refused, the first: {sent.wrong[0][:300]!r}")
    return outcome


async def probe(customer: Customer, *, seconds: float) -> Outcome:
    """Have one user after another appear in the API, and say how long each took."""
    outcome = Outcome()
    probes = []
    for number in range(int(seconds * PROBES_PER_SECOND)):
        probes.append(asyncio.create_task(_see(customer, f"p{next(_numbers)}-{number}", outcome)))
        await asyncio.sleep(1 / PROBES_PER_SECOND)
    await asyncio.gather(*probes)
    return outcome


async def _see(customer: Customer, user: str, outcome: Outcome) -> None:
    loop = asyncio.get_running_loop()
    transport, connection = await loop.create_connection(Connection, "127.0.0.1", customer.port)
    answer = await connection.ask(customer.identify(user))
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"an event was refused: {answer[:300]!r}")
    accepted = time.perf_counter()
    while (
        not (answer := await connection.ask(customer.look_up(user)))
        .partition(b'"results":[')[2]
        .startswith(b"{")
    ):
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a look-up was refused: {answer[:300]!r}")
        if time.perf_counter() - accepted > PATIENCE_S:
            raise TimeoutError(f"an event was not visible after {PATIENCE_S:.0f} s")
        await asyncio.sleep(LOOK_EVERY_S)
    outcome.latencies.append(time.perf_counter() - accepted)
    transport.close()


if __name__ == "__main__":
    for figure in run():
        print(figure)
