"""From the collector to profiles: events a second on the embedded log and on three Kafka nodes, everything running.

A load of batches that is more than consumers keep up with goes in through HTTP for `SECONDS`; the figure is what was
accepted, divided by the time from the first request until the last event was applied. One and two consumer processes.
"""

import os
import time
from collections.abc import Callable, Sequence

import orjson

from benchmarks._installation import Installation
from benchmarks._kafka import three_nodes
from benchmarks._wrk import drive
from benchmarks.collector import BATCH, HEADERS, KEY, event
from benchmarks.results import Figure

SECONDS = float(os.environ.get("SECONDS", "5"))
CONNECTIONS = 8
PATIENCE_S = 300.0
VISITORS = 20_000
_APPLIED = "SELECT coalesce(sum(applied), 0)::bigint FROM profiles_builder_minute"


def run() -> list[Figure]:
    """Measure each log with one and with two processes; the embedded log is the floor of Kafka."""
    embedded = {processes: rate(["profiles"] * processes) for processes in (1, 2)}
    kafka = {}
    for processes in embedded:
        with three_nodes():
            kafka[processes] = rate(["profiles"] * processes)
    detail = f"batches of {BATCH} for {SECONDS:.0f} s, then until all are applied"
    return [
        *(
            Figure(f"pipeline, embedded log, {_named(processes)}", rate, "/s", detail=detail)
            for processes, rate in embedded.items()
        ),
        *(
            Figure(f"pipeline, three Kafka nodes, {_named(processes)}", rate, "/s", floor=embedded[processes], detail=detail)
            for processes, rate in kafka.items()
        ),
    ]  # fmt: skip


def _event(number: int) -> dict[str, object]:
    """An event of a visitor, whom wrk sends back again and again: without a message id each is another message."""
    item: dict[str, object] = orjson.loads(event(number))
    del item["messageId"], item["userId"]
    return item | {"anonymousId": f"visitor-{number}"}


BODIES = [
    orjson.dumps({"batch": [_event(first + number) for number in range(BATCH)]})
    for first in range(0, VISITORS, BATCH)
]


def _named(processes: int) -> str:
    return "one consumer process" if processes == 1 else f"{processes} consumer processes"


def rate(
    consumers: Sequence[str], has_caught_up: Callable[[Installation], bool] = lambda _installation: True
) -> float:
    """Events a second of an installation of its own, with a process for each of these consumers.

    All events are taken when the profile builder has applied them and `has_caught_up` says so of any other consumer.
    """
    with Installation() as installation:
        installation.manage("create_source", "Benchmark", "--write-key", KEY)
        installation.serve()
        for consumer in consumers:
            installation.start("run_consumers", consumer)
        url = f"http://127.0.0.1:{installation.port}/v1/batch"
        warm = _send(url, seconds=2)
        _wait_for(installation, warm, has_caught_up)
        started = time.perf_counter()
        sent = _send(url, seconds=SECONDS)
        return sent / (_wait_for(installation, warm + sent, has_caught_up) - started)


def _send(url: str, *, seconds: float) -> int:
    counted = drive(url, BODIES, connections=CONNECTIONS, seconds=seconds, headers=HEADERS)
    if counted.wrong:
        raise RuntimeError(f"{counted.wrong} batches were not answered 200")
    return counted.requests * BATCH


def _wait_for(
    installation: Installation, events: int, has_caught_up: Callable[[Installation], bool]
) -> float:
    """When so many events were applied, and other consumers had caught up."""
    deadline = time.perf_counter() + PATIENCE_S
    with installation.connect() as connection:
        while True:
            row = connection.execute(_APPLIED).fetchone()
            is_applied = row is not None and row[0] >= events
            if is_applied and has_caught_up(installation):
                return time.perf_counter()
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{row} of {events} events were applied after {PATIENCE_S:.0f} s")
            time.sleep(0.05)


if __name__ == "__main__":
    for figure in run():
        print(figure)
