"""Events of 600 bytes as the collector writes them, one in twelve of a new visitor, and the visitors before them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from streaming.contracts.events import WireEvent, encode_event, event_slug
from streaming.contracts.records import NewRecord

NAMES = ("Page Viewed", "Product Viewed", "Product Added", "Search", "Order Completed")
_WEIGHTS = (45, 30, 12, 11, 2)
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"


def topics() -> set[str]:
    """The topics that the events go to."""
    return {f"events.{event_slug(name)}" for name in (*NAMES, "identify")}


class Visits:
    """Events of the last day, or of the time `over` a day ago, of `known` visitors and of one new one in twelve events."""

    def __init__(
        self, known: int, sample: int, seed: int = 1, *, over: timedelta = timedelta(days=1)
    ) -> None:
        self._over = over
        self._chance = random.Random(seed)
        self._count = known
        # Those of the known visitors that return: spread over all of them.
        step = max(1, known // sample) if known else 1
        self.returning = [visitor(number) for number in range(1, known + 1, step)][:sample]
        self._visitors = list(self.returning)
        self._start = datetime.now(UTC) - timedelta(days=1)
        self._total = 1

    def records(self, count: int) -> Iterator[NewRecord]:
        """Records of so many events."""
        self._total = count
        for number in range(count):
            event = self._event(number)
            topic = f"events.{event_slug(event['event'] or event['type'])}"
            yield NewRecord(topic, str(event["anonymous_id"]).encode(), encode_event(event))

    def _visitor(self, number: int) -> str:
        if number % 12 == 0 or not self._visitors:
            self._count += 1
            self._visitors.append(visitor(self._count))
            return self._visitors[-1]
        return self._chance.choice(self._visitors)

    def _event(self, number: int) -> WireEvent:
        chance = self._chance
        who = self._visitor(number)
        # One event in twenty comes late, by up to an hour; the others in their order, a day's worth of them.
        late = timedelta(seconds=chance.randrange(3600) if chance.random() < 0.05 else 0)
        time = _text(self._start + self._over * (number / self._total) - late)
        is_identify = chance.random() < 0.05
        traits = {"email": f"{who}@example.com", "firstName": who[:6], "plan": "gold"} if is_identify else {}
        return {
            "v": 1,
            "message_id": f"ajs-next-{chance.getrandbits(128):032x}",
            "type": "identify" if is_identify else "track",
            "event": None if is_identify else chance.choices(NAMES, _WEIGHTS)[0],
            "anonymous_id": who,
            "user_id": f"user-{who}" if is_identify or chance.random() < 0.2 else None,
            "group_id": None,
            "previous_id": None,
            "properties": {"url": f"/p/{chance.randrange(1000)}", "price": 19.95, "category": "shoes"},
            "traits": traits,
            "context": {"ip": "203.0.113.9", "userAgent": _AGENT, "locale": "nl-NL"},
            "integrations": {},
            "original_timestamp": time,
            "sent_at": time,
            "received_at": _text(self._start + timedelta(days=1)),
            "timestamp": time,
            "client_time": time,
            "source_id": 1,
        }


def visitor(number: int) -> str:
    """The anonymous id of a visitor."""
    return f"{number:08x}-5c1e-4c1b-9d0a-7f3b6e2a1d44"


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds")[:26] + "Z"
