"""The profile builder with and without what events say of purposes: in each event what a consent tool says, as SDKs send it.

`BATCHES=30 python -m benchmarks consents` sets how many batches of BATCH events each side gets. Four purposes in each
event, of which visitors change one in one event of ten; and the same with a TC string as the proof. The sides take turns
batch by batch, on one database, each with visitors of its own, and of each the median counts.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from time import perf_counter
from typing import Any

import orjson

from benchmarks._installation import Installation
from benchmarks._visits import Visits
from benchmarks.results import Figure
from streaming.contracts.records import Record

BATCH = 1000
BATCHES = int(os.environ.get("BATCHES", "30"))
WARM = 3  # batches of each side that are not counted
CHANGED_EVERY = 10
_TC_STRING = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
Says = Callable[[int], dict[str, Any]]


def _nothing(number: int) -> dict[str, Any]:
    del number
    return {}


def _categories(number: int) -> dict[str, Any]:
    granted = {"C0002": True, "C0003": True, "Marketing": number % CHANGED_EVERY == 0, "C0004": False}
    return {"consent": {"categoryPreferences": granted, "version": "3"}}


def _with_proof(number: int) -> dict[str, Any]:
    return {"consent": {**_categories(number)["consent"], "tcString": _TC_STRING}}


SIDES: dict[str, Says] = {"nothing": _nothing, "categories": _categories, "proof": _with_proof}


def run() -> list[Figure]:
    """The rate with consents, and as its floor the rate of such events without."""
    with Installation() as installation, installation.connect() as connection:
        installation.enter()
        from profiles.builder.consumer import ProfileBuilder  # noqa: PLC0415 -- Django has its settings by now

        builder = ProfileBuilder(connect=installation.connect)
        taken: dict[str, list[float]] = {side: [] for side in SIDES}
        batches = {side: _batches(side, says) for side, says in SIDES.items()}
        for _ in range(WARM + BATCHES):
            for side, records in batches.items():
                taken[side].append(_seconds(builder, connection, next(records)))
    rates = {side: BATCH / median(seconds[WARM:]) for side, seconds in taken.items()}
    detail = f"four purposes in each, the median of {BATCHES} batches of {BATCH:,} by turns, no log"
    wanted = "0.80 of such events without"
    return [
        Figure("building people of events with consents", rates["categories"], "/s", wanted, rates["nothing"], detail),
        Figure("the same with a TC string kept as proof", rates["proof"], "/s", wanted, rates["nothing"], detail),
    ]  # fmt: skip


def _seconds(builder: Any, connection: Any, records: list[Record]) -> float:
    from streaming.runtime.consumer import Batch  # noqa: PLC0415 -- as above

    begun = perf_counter()
    batch = Batch(records, connection, datetime.now(UTC), prepared=builder.prepare(records))
    with connection.transaction():
        builder.process(batch)
    if batch.rejected:
        raise RuntimeError(f"an event was refused: {batch.rejected[0][1]}")
    return perf_counter() - begun


def _batches(side: str, says: Says) -> Iterator[list[Record]]:
    visits = Visits(0, sample=1).records((WARM + BATCHES) * BATCH)
    records = (_record(side, says(number), number, each.value or b"") for number, each in enumerate(visits))
    while batch := list(islice(records, BATCH)):
        yield batch


def _record(side: str, said: dict[str, Any], offset: int, value: bytes) -> Record:
    event = orjson.loads(value)
    event["anonymous_id"] = f"{side}-{event['anonymous_id']}"
    event["user_id"] = event["user_id"] and f"{side}-{event['user_id']}"
    event["message_id"] = f"{side}-{event['message_id']}"
    event["traits"] = {}  # an address would make people of different sides one
    event["context"] |= said
    return Record(
        "events.test", 0, offset, event["anonymous_id"].encode(), orjson.dumps(event), (), datetime.now(UTC)
    )


if __name__ == "__main__":
    for figure in run():
        print(figure)
