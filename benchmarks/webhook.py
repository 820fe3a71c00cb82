"""Inbound webhooks beside the collector's single events, on the same server, in turns: signed, mapped, durable.

Each payload has the size of the collector's event, a signature of its own (HMAC-SHA256) and becomes one event of as
many values, through a mapping as people write them: paths, a number, a time and a function of JMESPath.
"""

import hmac
import os
import statistics
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import orjson

from benchmarks._web import web_seconds
from benchmarks._wrk import Counted, drive
from benchmarks.collector import EVENT_BYTES, serving, single_events
from benchmarks.results import Figure

SECONDS = float(os.environ.get("SECONDS", "8"))
ROUNDS = int(os.environ.get("ROUNDS", "4"))
CONNECTIONS = 128
SECRET = "a secret of the benchmark"

_CREATE = f"""
import json
from datetime import UTC, datetime
from compliance.access import Actor
from ingestion.domain.webhooks.setting_up import Wanted, create_webhook
mapping = {{
    "type": "track", "event": "Product Viewed", "user_id": "customer.id", "anonymous_id": "visitor", "message_id": "id",
    "timestamp": "viewed_at",
    "properties": {{
        "sku": "product.sku", "price": {{"path": "product.price", "as": "number"}}, "currency": "product.currency",
        "category": "product.tags[0]", "shades": "product.tags[1]", "tags": "length(product.tags)", "note": "note",
    }},
    "context": {{"page.url": "page.url", "page.title": "page.title", "locale": "locale"}},
}}
by = Actor.system("benchmark")
webhook, _ = create_webhook(
    wanted=Wanted("Benchmark", "github", json.dumps(mapping)), source="Benchmark", secret={SECRET!r}, by=by,
    now=datetime.now(UTC),
)
print("address:" + webhook.public_id)
"""


def run() -> list[Figure]:
    """Measure both in turns, and their ratio."""
    with serving() as (installation, url):
        said = installation.manage("shell", "-c", _CREATE)
        hook = f"{url}/v1/hooks/{said.rpartition('address:')[2].strip()}"
        _hooks(hook, seconds=2)
        turns = [
            (_Turn.of(lambda: single_events(url, CONNECTIONS)), _Turn.of(lambda: _hooks(hook)))
            for _ in range(ROUNDS)
        ]
    ratios = [hooks.counted.per_second / singles.counted.per_second for singles, hooks in turns]
    single, webhook = (
        statistics.median(each.counted.per_second for each in kind) for kind in zip(*turns, strict=True)
    )
    wrong = sum(each.counted.wrong for pair in turns for each in pair)
    processor = statistics.median(singles.microseconds / hooks.microseconds for singles, hooks in turns)
    detail = (
        f"median of the turns {statistics.median(ratios):.2f} ({', '.join(f'{ratio:.2f}' for ratio in ratios)}),"
        f" by processor time of the web processes {processor:.2f}"
    ) + (f", {wrong} WITHOUT A 200" if wrong else "")
    return [
        Figure(f"collector, single events, {CONNECTIONS} connections", single, "/s"),
        Figure(
            f"webhook, single payloads, {CONNECTIONS} connections", webhook, "/s",
            "0.7 of the collector's single events", single, f"p99 {turns[-1][1].counted.p99:.1f} ms; {detail}",
        ),
    ]  # fmt: skip


class _Turn(NamedTuple):
    counted: Counted
    microseconds: float  # of the web processes, for a request

    @classmethod
    def of(cls, drive_it: Callable[[], Counted]) -> Self:
        before = web_seconds()
        counted = drive_it()
        return cls(counted, (web_seconds() - before) / counted.requests * 1e6)


def payload(number: int) -> bytes:
    """What a shop sends, as large as the collector's event."""
    item: dict[str, Any] = {
        "id": f"evt-{number}", "customer": {"id": f"user-{number % 5000}"}, "visitor": f"visitor-{number % 9000}",
        "viewed_at": "2026-01-05T10:20:30.123Z", "locale": "en-GB",
        "product": {"sku": f"SKU-{number % 300}", "price": "59.95", "currency": "EUR", "tags": ["Shoes", "Running"]},
        "page": {"url": "https://shop.example/shoes/42", "title": "Running shoes", "path": "/shoes/42"}, "note": "",
    }  # fmt: skip
    item["note"] = "x" * (EVENT_BYTES - len(orjson.dumps(item)))
    return orjson.dumps(item)


PAYLOADS = [payload(number) for number in range(2000)]
SIGNATURES = ["sha256=" + hmac.new(SECRET.encode(), each, "sha256").hexdigest() for each in PAYLOADS]


def _hooks(address: str, seconds: float = SECONDS) -> Counted:
    headers = ("Content-Type: application/json",)
    return drive(
        address, PAYLOADS, connections=CONNECTIONS, seconds=seconds, headers=headers, signatures=SIGNATURES
    )


if __name__ == "__main__":
    for figure in run():
        print(figure)
