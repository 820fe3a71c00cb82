"""What the live debugger costs the collector at full load: nobody watches, one does, one with filters, ten do; by turns.

    python -m benchmarks live

Watchers have the page open and ask for new rows each second, or as they are told, as its script does; events are 612 bytes,
128 connections. The share of throughput is what counts. That of the web processes' time for an event says the same on a
machine that does other work too.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from benchmarks._installation import Installation
from benchmarks._web import Watcher, web_seconds
from benchmarks.collector import serving, single_events
from benchmarks.results import Figure

GOAL = "the live debugger adds < 3% to the collector at full load"
CONNECTIONS = 128
SECONDS = float(os.environ.get("SECONDS", "8"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))


class Way(NamedTuple):
    """How many watch, by which filters."""

    watchers: int
    filters: dict[str, str]


_WAYS = {
    "one watcher": Way(1, {}),
    "one watcher, filtered by type and text": Way(1, {"type": "track", "text": "viewed"}),
    "one watcher, filtered by a text in the content": Way(1, {"text": "SKU-299"}),
    "ten watchers": Way(10, {}),
}


class Turn(NamedTuple):
    """What one turn came to."""

    per_second: float
    microseconds: float  # of the web processes, for an event
    rows: int = 0
    looks: int = 0


def run() -> list[Figure]:
    """Measure all ways by turns."""
    with serving() as (installation, url):
        Watcher.invite(installation)
        turns: dict[str, list[Turn]] = {"nobody": [], **{name: [] for name in _WAYS}}
        for _ in range(ROUNDS):
            turns["nobody"].append(_turn(url))
            for name, way in _WAYS.items():
                turns[name].append(_watched(installation, url, way))
    return [_figure(name, each, turns["nobody"]) for name, each in turns.items()]


def _watched(installation: Installation, url: str, way: Way) -> Turn:
    with ExitStack() as signed_in:
        watchers = [Watcher(installation, way.filters).sign_in() for _ in range(way.watchers)]
        for each in watchers:
            signed_in.enter_context(each)
        turn = _turn(url)
    return turn._replace(rows=sum(each.rows for each in watchers), looks=sum(each.looks for each in watchers))


def _turn(url: str) -> Turn:
    before = web_seconds()
    counted = single_events(url, CONNECTIONS, seconds=SECONDS)
    return Turn(counted.per_second, (web_seconds() - before) / counted.requests * 1e6)


def _figure(name: str, turns: list[Turn], alone: list[Turn]) -> Figure:
    rate = median(each.per_second for each in turns)
    processor = median(each.microseconds for each in turns)
    if turns is alone:
        return Figure(
            f"live, {name}", rate, "/s", "", None, f"{processor:.0f} µs of the web processes an event"
        )

    def share(of: Callable[[Turn], float]) -> str:
        return f"{median(of(one) / of(other) for one, other in zip(turns, alone, strict=True)):.3f}"

    detail = (
        f"median of {len(turns)} pairs: {share(lambda each: each.per_second)} of the throughput,"
        f" {share(lambda each: each.microseconds)} of the processor time an event; {sum(each.rows for each in turns)} rows in {sum(each.looks for each in turns)} looks"
    )
    return Figure(f"live, {name}", rate, "/s", GOAL, median(each.per_second for each in alone), detail)


if __name__ == "__main__":
    for figure in run():
        print(figure)
