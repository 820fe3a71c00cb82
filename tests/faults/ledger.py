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


@dataclass
class Ledger:
    """Events by message id. Those without an answer may or may not be stored; acknowledged ones must be."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: int = 0

    def sent(self) -> dict[str, dict[str, Any]]:
        return {**self.unanswered, **self.acknowledged}


class LoadGenerator:
    """Sends batches of events of a few people until it is stopped; retries as an SDK does, with the same ids."""

    def __init__(
        self, url: str, write_key: str, *, people: int = 40, seed: int = 1, pause: float = 0.005
    ) -> None:
        self.ledger = Ledger()
        self.url = url
        self.write_key = write_key
        self._random = random.Random(seed)
        self._people = people
        self._pause = pause
        self._sequence = 0
        self._stopping = threading.Event()
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

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until `count` more events were acknowledged."""
        target, deadline = len(self.ledger.acknowledged) + count, time.monotonic() + seconds
        while len(self.ledger.acknowledged) < target:
            assert time.monotonic() < deadline, f"{len(self.ledger.acknowledged)} of {target} acknowledged"
            self._stopping.wait(0.02)

    def _run(self) -> None:
        with httpx.Client(base_url=self.url, auth=(self.write_key, ""), timeout=10) as client:
            while not self._stopping.is_set():
                self._send(client, [self._event() for _ in range(self._random.randint(1, 8))])
                self._stopping.wait(self._pause)

    def _send(self, client: httpx.Client, events: list[dict[str, Any]]) -> None:
        for _ in range(400):
            self.ledger.unanswered.update({event["messageId"]: event for event in events})
            try:
                status = client.post("/v1/batch", json={"batch": events}).status_code
            except httpx.TransportError:
                status = 0
            if status == httpx.codes.OK:
                self.ledger.acknowledged.update({event["messageId"]: event for event in events})
                return
            assert status == 0 or status >= 500, f"the collector answered {status} for a fault of its own"
            self.ledger.refused += 1
            if self._stopping.wait(0.1):
                return

    def _event(self) -> dict[str, Any]:
        self._sequence += 1
        person = self._random.randrange(self._people)
        when = START + timedelta(seconds=self._random.randrange(20 * 86400), milliseconds=self._sequence)
        event = {
            "messageId": str(uuid.UUID(int=self._random.getrandbits(128))),
            "anonymousId": f"device-{person}-{self._random.randrange(2)}",
            "originalTimestamp": when.isoformat().replace("+00:00", "Z"),
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
