"""Load with a ledger: who was told 200 for what, and what people must look like because of it."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import httpx

START = datetime(2026, 11, 1, tzinfo=UTC)
SUPPRESSED = "user-suppressed"
Event = dict[str, Any]


@dataclass
class Ledger:
    """Events by message id. Those without an answer may or may not be stored; acknowledged ones must be.

    `acks` are the moments (monotonic) of acknowledgements and how many events each was for; `refusals` those of
    requests without a 200.
    """

    acknowledged: dict[str, Event] = field(default_factory=dict)
    unanswered: dict[str, Event] = field(default_factory=dict)
    acks: list[tuple[float, int]] = field(default_factory=list)
    refusals: list[tuple[float, int]] = field(default_factory=list)  # with the status, 0 without an answer
    retry_after: set[str] = field(default_factory=set)

    @property
    def refused(self) -> int:
        return len(self.refusals)

    def sent(self) -> dict[str, Event]:
        return {**self.unanswered, **self.acknowledged}

    def suppressed(self) -> set[str]:
        """Ids of the events of the person who is suppressed."""
        return {message for message, event in self.sent().items() if event.get("userId") == SUPPRESSED}

    def acknowledge(self, events: list[Event]) -> None:
        self.acknowledged.update({event["messageId"]: event for event in events})
        self.acks.append((time.monotonic(), len(events)))


class LoadGenerator:
    """Sends batches of events of a few people until it is stopped; retries as an SDK does, with the same ids."""

    def __init__(
        self, url: str, write_key: str, *, people: int = 40, seed: int = 1, pause: float = 0.005,
        suppressed: bool = False, timeout: float = 10,
    ) -> None:  # fmt: skip
        self.ledger = Ledger()
        self.url = url
        self.write_key = write_key
        self._random = random.Random(seed)
        self._people = people
        self._pause = pause
        self._timeout = timeout
        self._suppressed = suppressed
        self._sequence = 0
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self._failure is not None:
            raise self._failure

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until `count` more events were acknowledged."""
        target, deadline = len(self.ledger.acknowledged) + count, time.monotonic() + seconds
        while len(self.ledger.acknowledged) < target:
            assert self._failure is None, self._failure
            assert time.monotonic() < deadline, f"{len(self.ledger.acknowledged)} of {target} acknowledged"
            self._stopping.wait(0.02)

    def send(self, events: list[Event]) -> None:
        """Send these from the caller's thread, until they are acknowledged; the generator is not running."""
        self._stopping.clear()
        with self._client() as client:
            self._send(client, events)

    def _client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(self.write_key, ""), timeout=self._timeout)

    def _run(self) -> None:
        try:
            with self._client() as client:
                while not self._stopping.is_set():
                    self._send(client, [self.event() for _ in range(self._random.randint(1, 8))])
                    self._stopping.wait(self._pause)
        except BaseException as failure:  # noqa: BLE001 -- raised in the test's own thread
            self._failure = failure

    def _send(self, client: httpx.Client, events: list[Event]) -> None:
        for _ in range(2000):
            self.ledger.unanswered.update({event["messageId"]: event for event in events})
            try:
                answer = client.post("/v1/batch", json={"batch": events})
                status = answer.status_code
                self.ledger.retry_after.update(answer.headers.get_list("retry-after"))
            except httpx.TransportError:
                status = 0
            if status == httpx.codes.OK:
                self.ledger.acknowledge(events)
                return
            assert status == 0 or status >= 500, f"the collector answered {status} for a fault of its own"
            self.ledger.refusals.append((time.monotonic(), status))
            if self._stopping.wait(0.1):
                return

    def event(self) -> Event:
        """The next event."""
        self._sequence += 1
        person = self._random.randrange(self._people)
        when = START + timedelta(seconds=self._random.randrange(20 * 86400), milliseconds=self._sequence)
        event = {
            "messageId": str(uuid.UUID(int=self._random.getrandbits(128))),
            "anonymousId": f"device-{person}-{self._random.randrange(2)}",
            "originalTimestamp": when.isoformat().replace("+00:00", "Z"),
        }
        if self._suppressed and self._sequence % 20 == 0:
            return {
                **event,
                "type": "track",
                "event": "Order Completed",
                "userId": SUPPRESSED,
                "properties": {},
            }
        match self._random.randrange(4):
            case 0:
                traits = {"plan": f"plan-{self._sequence}", "email": f"p{person}@example.com"}
                return {**event, "type": "identify", "userId": f"user-{person}", "traits": traits}
            case 1:
                return {**event, "type": "page", "name": "Home", "properties": {"path": "/"}}
            case 2:
                return {
                    **event,
                    "type": "track",
                    "event": "Product Viewed",
                    "properties": {"n": self._sequence},
                }
            case _:
                order = {"event": "Order Completed", "properties": {"total": self._sequence}}
                return {**event, "type": "track", "userId": f"user-{person}", **order}
