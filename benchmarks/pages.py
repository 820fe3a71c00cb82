"""Every page of the web admin and every GET of the REST API, with a million people: how long the server takes for it.

`PAGES_PEOPLE` people; `PAGES_ONLY=people,audit` measures what has one of the words in its address; `PAGES_HOME=/path`
keeps the filled installation there, so that the next run need not fill it; `PAGES_EXPLAIN=1` shows the plan of the
slowest statement of what is above the goal; `PAGES_SHOWN=40` lines are shown, the slowest first.
"""

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._addresses import MEASURED, VALUES, Address
from benchmarks._installation import Installation
from benchmarks.results import Figure

if TYPE_CHECKING:
    from benchmarks._timing import Timed

PEOPLE = int(os.environ.get("PAGES_PEOPLE", "1000000"))
SHOWN = int(os.environ.get("PAGES_SHOWN", "40"))
GOAL_MS = 300
BEARER = "/api/v1/"


def run() -> list[Figure]:
    """Fill, ask for each page several times, print the slowest; the figures are the slowest, and how many are slow."""
    kept = os.environ.get("PAGES_HOME")
    with Installation(Path(kept) if kept else None) as installation:
        installation.enter()
        fill(installation)
        found, failed = _measured(installation)
        found.sort(key=lambda each: each.processor, reverse=True)
        print("processor (best)   clock: best  median   statements, the slowest   bytes   address")
        print(*(each.line for each in found[:SHOWN]), sep="\n")
        print(*(f"FAILED {problem}" for problem in failed), sep="\n")
        if os.environ.get("PAGES_EXPLAIN"):
            for each in (each for each in found[:SHOWN] if each.processor > GOAL_MS):
                print(each.line, _plan(installation, each), sep="\n")
        return _figures(found)


def _figures(found: "list[Timed]") -> list[Figure]:
    above = [each for each in found if each.best > GOAL_MS]
    slowest = f"{PEOPLE:,} people, {len(found)} addresses; {found[0].address}"
    return [
        Figure("the slowest page, processor", found[0].processor, "ms", goal=f"< {GOAL_MS}", detail=slowest),
        Figure("pages above the goal by the clock", len(above), "", "0", detail=", ".join(each.address for each in above)),
    ]  # fmt: skip


def _plan(installation: Installation, each: "Timed") -> str:
    with installation.connect() as connection:
        return str(importlib.import_module("benchmarks._timing").plan_of(connection, each.slowest))


def _measured(installation: Installation) -> "tuple[list[Timed], list[str]]":
    """What each address takes, and what went wrong. What needs Django is imported when it is set up."""
    timing, starting = (
        importlib.import_module(f"benchmarks.{name}") for name in ("_timing", "_filled.starting")
    )
    meter = timing.Meter(installation.server_process)
    visitor = timing.Visitor(starting.administrator()[0], starting.token(), meter)
    found: list[Timed] = []
    failed: list[str] = []
    with installation.connect() as connection, meter.listening():
        for address, data in addresses(connection):
            try:
                found += visitor.visit(address, data)
            except timing.Refused as refused:  # one page that fails must not hide the others
                failed.append(str(refused))
    return found, failed


def addresses(connection: Any) -> list[tuple[str, dict[str, str] | None]]:
    """All of them, filled, with what is posted there."""
    values = {name: _value(connection, query) for name, query in VALUES.items()}
    wanted = [word for word in os.environ.get("PAGES_ONLY", "").split(",") if word]
    filled = [_filled(each, values) for found in MEASURED.values() for each in found]
    return [(path, data) for path, data in filled if not wanted or any(word in path for word in wanted)]


def _value(connection: Any, query: str) -> str:
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else "0"


def _filled(each: Address, values: dict[str, str]) -> tuple[str, dict[str, str] | None]:
    address, data = (each, None) if isinstance(each, str) else each
    posted = None if data is None else {key: text.format(**values) for key, text in data.items()}
    return address.format(**values), posted


def fill(installation: Installation) -> None:
    """Put the people of the pages there, once in an installation that is kept."""
    filling, starting = (
        importlib.import_module(f"benchmarks._filled.{name}") for name in ("filling", "starting")
    )
    done = installation.home / "filled"
    if done.exists():
        return
    with installation.connect() as connection:
        filling.prepare(connection)
        filling.fill(connection, filling.BEFORE, people=PEOPLE)
        client, user = starting.administrator()
        starting.start(client, installation.home)
        known = starting.pseudonyms(connection)
        filling.fill(connection, filling.AFTER, people=PEOPLE, audit=PEOPLE, user=user, known=known)
        filling.settle(connection)
    done.touch()


if __name__ == "__main__":
    for figure in run():
        print(figure)
