"""How long work stands still when a process dies under load: a consumer's partitions, and a Kafka leader's acknowledgements.

Each is done `TIMES` times; the figure is the longest. A partition stands still from the kill until its position moves.
"""

import asyncio
import os
import signal
import time
from collections.abc import Mapping

import psycopg

from benchmarks._installation import Installation
from benchmarks._kafka import three_nodes
from benchmarks._load import Outcome, drive
from benchmarks.freshness import BATCH, Customer
from benchmarks.results import Figure
from tests.kafka_cluster import KafkaCluster

TIMES = int(os.environ.get("TIMES", "3"))
LIVE = 400.0  # events a second, so that every partition always has something to do
WARM_UP_S = 8.0
WATCHED_S = 20.0
SURELY_DEAD_S = 0.5  # until then a commit that the dead process had sent may still move its position
_POSITIONS = "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = 'profiles'"

Positions = Mapping[tuple[str, int], int]


def run() -> list[Figure]:
    """Measure the consumer on both logs, and the leader on Kafka."""
    embedded = [asyncio.run(_consumer_dies()) for _ in range(TIMES)]
    on_kafka, silences = [], []
    for _ in range(TIMES):
        with three_nodes():
            on_kafka.append(asyncio.run(_consumer_dies()))
        with three_nodes() as cluster:
            silences.append(asyncio.run(_leader_dies(cluster)))
    detail = f"{LIVE:.0f} events/s, two processes, one killed with -9; longest of {TIMES}"
    return [
        Figure("partitions stand still after a consumer died, embedded log", max(embedded), "s", "< 10", detail=detail),
        Figure("partitions stand still after a consumer died, three Kafka nodes", max(on_kafka), "s", "< 10", detail=detail),
        Figure(
            "longest answer while a leader dies", max(silences), "s", "< 15, no client error",
            detail=f"{LIVE:.0f} events/s in batches of {BATCH}, one broker of three killed with -9; longest of {TIMES}",
        ),
    ]  # fmt: skip


async def _consumer_dies() -> float:
    """Seconds until every partition moved again."""
    with Installation() as installation, installation.connect() as connection:
        installation.serve()
        processes = [installation.start("run_consumers", "profiles") for _ in range(2)]
        load = _load(installation, WARM_UP_S + WATCHED_S)
        await asyncio.sleep(WARM_UP_S)
        former = _positions(connection)
        await asyncio.sleep(2)
        os.kill(processes[0].pid, signal.SIGKILL)
        died = time.perf_counter()
        await asyncio.sleep(SURELY_DEAD_S)
        busy = {place: at for place, at in _positions(connection).items() if at != former.get(place)}
        still = await _standstill(connection, busy, died)
        _without_errors(await load)
        return still


async def _standstill(connection: psycopg.Connection, busy: Positions, died: float) -> float:
    """Seconds from the death until none of the busy partitions stands where it stood after it."""
    while standing := [place for place, at in _positions(connection).items() if busy.get(place) == at]:
        if time.perf_counter() - died > WATCHED_S:
            raise TimeoutError(f"{standing} did not move within {WATCHED_S:.0f} s")
        await asyncio.sleep(0.05)
    return time.perf_counter() - died


async def _leader_dies(cluster: KafkaCluster) -> float:
    """The longest time for which a request waited for its answer, while a broker that leads partitions died."""
    with Installation() as installation:
        installation.serve()
        load = _load(installation, WARM_UP_S + WATCHED_S)
        await asyncio.sleep(WARM_UP_S)
        cluster.kill(1)
        outcome = await load
        _without_errors(outcome)
        return outcome.percentile(1) / 1000


def _load(installation: Installation, seconds: float) -> "asyncio.Task[Outcome]":
    batches = Customer(installation).batches()
    return asyncio.create_task(drive(installation.port, batches, rate=LIVE / BATCH, seconds=seconds))


def _without_errors(outcome: Outcome) -> None:
    if outcome.wrong:
        raise RuntimeError(f"{len(outcome.wrong)} requests got no 200, the first: {outcome.wrong[0][:300]!r}")


def _positions(connection: psycopg.Connection) -> Positions:
    return {(topic, partition): at for topic, partition, at in connection.execute(_POSITIONS)}


if __name__ == "__main__":
    for figure in run():
        print(figure)
