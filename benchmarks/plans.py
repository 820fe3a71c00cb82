"""What tracking plans cost the collector: the same events with no plan, and with one that all keep to, 1 in 10 or all break.

    python -m benchmarks plans

In one process without a server, so that the shares are those of the collector's own work (`collector.intake.take`); then
over HTTP on the embedded log, by turns to sources of their own: the goal is for these.
"""

import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Any, NamedTuple

import django
import orjson

from benchmarks._web import await_configuration, web_seconds
from benchmarks._wrk import drive
from benchmarks.collector import BATCH, BATCHES, HEADERS, KEY, SECONDS, SINGLES, serving
from benchmarks.results import Figure

_HOME = tempfile.TemporaryDirectory(prefix="headwater-bench-")  # for the keys of this process
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdp_site.settings")
os.environ.setdefault("HEADWATER_HOME", _HOME.name)
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
_TURNS = int(os.environ.get("ROUNDS", "4"))  # over HTTP
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
_SOURCES = {"none": None, "kept": _SCHEMA, "a tenth breaks it": _SCHEMA, "each breaks it": _BROKEN}
"""What stands in the plan of the source that takes the events of a way to measure."""
_PUBLISH = """
from datetime import UTC, datetime
from compliance.access import Actor
from ingestion.domain.plans.publishing import publish, save_draft
from ingestion.models import Source
now, by = datetime.now(UTC), Actor.system("benchmark")
for name, schema in {sources!r}.items():
    document = {{"events": {{"track:Product Viewed": schema}}, "policy": {{"unplanned_key": "tag"}}}}
    if schema is not None:
        publish(save_draft(Source.objects.get(name=name), document, by=by, now=now), note="", by=by, now=now)
"""


def run() -> list[Figure]:
    """Measure both ways."""
    return [*_alone(), *_served()]


def _alone() -> list[Figure]:
    """The work of a batch in this process: seconds of its processor, by turns, so that a busy machine is busy for all."""
    takers = {name: _taker(schema) for name, schema in _SOURCES.items()}
    times: dict[str, list[float]] = {name: [] for name in takers}
    for _ in range(_ROUNDS):
        for name, taken in takers.items():
            started = time.process_time()
            for batch in _batches(name):
                taken(batch)
            times[name].append(time.process_time() - started)
    events = len(BATCHES) * BATCH
    return [
        Figure(
            f"plans, taking batches in one process, {name}", events / min(each), "/s", "", events / min(times["none"]),
            f"median of {_ROUNDS} pairs: {_share(times['none'], each):.3f}",
        )
        for name, each in times.items()
    ]  # fmt: skip


def _share(without: Sequence[float], with_plan: Sequence[float]) -> float:
    return median(one / other for one, other in zip(without, with_plan, strict=True))


def _batches(name: str) -> list[bytes]:
    return _TENTH_BATCHES if name == "a tenth breaks it" else BATCHES


def _breaking(single: bytes) -> bytes:
    """The event with a price below zero, and as many bytes."""
    return single.replace(b'"price":59.95', b'"price":-9.95')


_TENTH = [_breaking(single) if number % 10 == 0 else single for number, single in enumerate(SINGLES)]
_TENTH_BATCHES = [
    b'{"batch":[' + b",".join(_TENTH[first % len(_TENTH) : first % len(_TENTH) + BATCH]) + b"]}"
    for first in range(0, len(BATCHES) * BATCH, BATCH)
]


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
    """Singles and batches over HTTP, by turns to sources without and with the plan."""
    figures = []
    with serving() as (installation, url):
        for name in _SOURCES:
            installation.manage("create_source", name, "--write-key", _key(name))
        installation.manage("shell", "-c", _PUBLISH.format(sources=_SOURCES))
        await_configuration(url)
        for kind, path, times in (("singles", "track", 1), ("batches of 100", "batch", BATCH)):
            turns: dict[str, list[_Turn]] = {name: [] for name in _SOURCES}
            for _ in range(_TURNS):
                for name, each in turns.items():
                    each.append(_turn(f"{url}/v1/{path}", name))
            figures += [_figure(kind, name, each, turns["none"], times) for name, each in turns.items()]
    return figures


class _Turn(NamedTuple):
    per_second: float
    seconds: float  # of the web processes' time, for a request
    wrong: int


def _turn(address: str, name: str) -> _Turn:
    is_batch = address.endswith("batch")
    bodies = _batches(name) if is_batch else _TENTH if name == "a tenth breaks it" else SINGLES
    before = web_seconds()
    counted = drive(
        address,
        bodies,
        connections=32 if is_batch else 128,
        seconds=SECONDS,
        headers=[header.replace(_WRITTEN, _basic(_key(name))) for header in HEADERS],
    )
    return _Turn(counted.per_second, (web_seconds() - before) / counted.requests, counted.wrong)


def _figure(kind: str, name: str, turns: list[_Turn], without: list[_Turn], times: int) -> Figure:
    throughput = _share([each.per_second for each in turns], [each.per_second for each in without])
    processor = _share([each.seconds for each in without], [each.seconds for each in turns])
    detail = (
        f"median of {_TURNS} pairs: {throughput:.3f}, by processor time of the web processes {processor:.3f}"
    )
    if wrong := sum(each.wrong for each in turns):
        detail += f", {wrong} WITHOUT A 200"
    return Figure(
        f"plans, {kind} over HTTP, {name}", median(each.per_second for each in turns) * times, "/s",
        "" if name == "none" else GOAL, median(each.per_second for each in without) * times, detail,
    )  # fmt: skip


def _key(name: str) -> str:
    return f"PLAN{name.replace(' ', '').upper()}"


def _basic(key: str) -> str:
    return b64encode(f"{key}:".encode()).decode()


_WRITTEN = _basic(KEY)


if __name__ == "__main__":
    for figure in run():
        print(figure)
