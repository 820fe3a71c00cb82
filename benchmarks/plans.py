"""What tracking plans cost the collector: the same batches with no plan, and with one that they keep to, or break.

    python -m benchmarks plans

The goal is for events that keep to their plan. In one process without a server, so that the shares are those of the
collector's own work (`collector.intake.take`); then over HTTP on the embedded log.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

import django
import orjson

from benchmarks.collector import BATCHES, SECONDS, batched_events, serving, single_events
from benchmarks.results import Figure

django.setup()

from compliance.suppression import Suppressions  # noqa: E402 -- needs Django
from ingestion.collector.intake import take  # noqa: E402 -- needs Django
from ingestion.collector.tally import Tally  # noqa: E402 -- needs Django
from ingestion.domain.configuration import Configuration  # noqa: E402 -- needs Django
from ingestion.domain.event_names import EventTopics  # noqa: E402 -- needs Django
from ingestion.domain.events import Envelope  # noqa: E402 -- needs Django
from ingestion.domain.plans.checking import CompiledPlan  # noqa: E402 -- needs Django
from ingestion.domain.plans.document import Plan  # noqa: E402 -- needs Django
from ingestion.domain.plans.rules import SourceRules  # noqa: E402 -- needs Django

GOAL = "enforced at < 15% of the collector's throughput"
_ROUNDS = 9
_SCHEMA = {
    "type": "object",
    "properties": {
        "sku": {"type": "string", "pattern": "^SKU-[0-9]+$"}, "price": {"type": "number", "minimum": 0},
        "currency": {"type": "string", "enum": ["EUR", "USD"]}, "category": {"type": "string"},
        "note": {"type": "string", "maxLength": 1000},
    },
    "required": ["sku", "price", "currency"],
}  # fmt: skip
_BROKEN = {**_SCHEMA, "properties": {**_SCHEMA["properties"], "price": {"type": "string"}}}  # type: ignore[dict-item]
_PUBLISH = """
from datetime import UTC, datetime
from compliance.access import Actor
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.models import Source
now, by = datetime.now(UTC), Actor.system("benchmark")
document = {{"events": {{"track:Product Viewed": {schema!r}}}, "policy": {{"unplanned_key": "tag"}}}}
publish(save_draft(Source.objects.get(name="Benchmark"), document, by=by, now=now), note="", by=by, now=now)
"""


def run() -> list[Figure]:
    """Measure both ways."""
    return [*_alone(), *_served()]


def _alone() -> list[Figure]:
    """The work of a batch in this process: seconds of its processor, by turns, so that a busy machine is busy for all."""
    plain, kept, broken = _taker(None), _taker(_SCHEMA), _taker(_BROKEN)
    times: dict[str, list[float]] = {"plain": [], "kept": [], "broken": []}
    for _ in range(_ROUNDS):
        for name, taken in (("plain", plain), ("kept", kept), ("broken", broken)):
            started = time.process_time()
            for batch in BATCHES:
                taken(batch)
            times[name].append(time.process_time() - started)
    events = len(BATCHES) * len(orjson.loads(BATCHES[0])["batch"])
    rate = {name: events / min(each) for name, each in times.items()}
    share = median(
        without / with_plan for without, with_plan in zip(times["plain"], times["kept"], strict=True)
    )
    return [
        Figure("plans, taking batches in one process, none", rate["plain"], "/s"),
        Figure("plans, the same events with a plan that they keep", rate["kept"], "/s", GOAL, rate["plain"], f"median of {_ROUNDS} pairs: {share:.3f}"),
        Figure("plans, the same events, each breaking it (tagged)", rate["broken"], "/s", "", rate["plain"]),
    ]  # fmt: skip


def _taker(schema: dict[str, Any] | None) -> Callable[[bytes], object]:
    """What the collector does with a batch, from its JSON to its records."""
    rules = None
    if schema is not None:
        document = {"events": {"track:Product Viewed": schema}, "policy": {"unplanned_key": "tag"}}
        plan = CompiledPlan(Plan.from_json(document), 1)
        rules = SourceRules(purposes=[], of_events={}, of_keys={}, plan=plan)
    topics = EventTopics({"Product Viewed": "events.product_viewed"})
    configuration = Configuration({}, {}, topics, Suppressions())

    def taken(batch: bytes) -> object:
        envelope = Envelope(
            source_id=1, received_at=datetime.now(UTC), sent_at="2026-01-05T10:20:31Z", rules=rules
        )
        return take(orjson.loads(batch)["batch"], envelope, configuration, Tally())

    return taken


def _served() -> list[Figure]:
    """Batches and singles over HTTP, without and with the plan, by turns of publishing and stopping it."""
    with serving() as (installation, url):
        plain, plain_singles = batched_events(url).per_second, single_events(url, 128).per_second
        installation.manage("shell", "-c", _PUBLISH.format(schema=_SCHEMA))
        time.sleep(2)  # the collector reads its rules each second
        kept, kept_singles = batched_events(url).per_second, single_events(url, 128).per_second
    return [
        Figure(
            "plans, batches of 100 over HTTP, events",
            kept * 100,
            "/s",
            GOAL,
            plain * 100,
            f"{SECONDS:g} s each",
        ),
        Figure("plans, single events over HTTP, 128 connections", kept_singles, "/s", GOAL, plain_singles),
    ]


if __name__ == "__main__":
    for figure in run():
        print(figure)
