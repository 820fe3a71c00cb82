"""Requests at a fixed rate, whether or not the former ones were answered: waiting in a queue counts as latency."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

PATIENCE_S = 30.0


@dataclass(slots=True)
class Outcome:
    """Seconds from when each request was due to its answer, and the answers that were not as expected."""

    latencies: list[float] = field(default_factory=list)
    wrong: list[bytes] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and self._answer and len(body) >= _length(head):
            self._received = b""
            self._answer.set_result(head + separator + body)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))

    @property
    def is_open(self) -> bool:
        return not self.transport.is_closing()

    async def ask(self, request: bytes) -> bytes:
        """Send a request and return the whole answer. Raises ConnectionError, TimeoutError."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)  # type: ignore[attr-defined]
        return await asyncio.wait_for(self._answer, PATIENCE_S)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def drive(
    port: int, requests: Iterator[bytes], *, rate: float, seconds: float, status: int = 200
) -> Outcome:
    """Send requests for so long at this rate, spread evenly; every answer should have the status."""
    loop = asyncio.get_running_loop()
    idle: list[Connection] = []
    outcome = Outcome()
    expected = b"HTTP/1.1 %d" % status

    async def ask(request: bytes, due: float) -> None:
        while idle and not idle[-1].is_open:
            idle.pop()  # the server closed it for its idleness
        connection = idle.pop() if idle else (await loop.create_connection(Connection, "127.0.0.1", port))[1]
        answer = await connection.ask(request)
        outcome.latencies.append(time.perf_counter() - due)
        if not answer.startswith(expected):
            outcome.wrong.append(answer)
        idle.append(connection)

    under_way: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (pause := due - time.perf_counter()) > 0:
            await asyncio.sleep(pause)
        task = asyncio.create_task(ask(next(requests), due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    for connection in idle:
        connection.transport.close()
    return outcome
