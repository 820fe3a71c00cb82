"""What roles on data add to a search for people, with a million of them: the same searches by several actors, by turns.

    PAGES_HOME=/path python -m benchmarks permissions

Names, parts of names and ids that all of these actors may search by, each for the first page of 50 people. An administrator
sees everything clear; the others see some of it masked, as pseudonyms or not at all, are bound to purposes, or see sources
alone that know many people or few. Each person has events of one of twelve sources, one in a thousand of a thirteenth too.
Processor time of Python and of PostgreSQL; `ROUNDS` turns. The people are those of `benchmarks.pages`.
"""

import importlib
import os
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import pages
from benchmarks._installation import Installation
from benchmarks.results import Figure

if TYPE_CHECKING:
    from compliance.actors import Actor

ROUNDS = int(os.environ.get("ROUNDS", "15"))
GOAL = "permissions add < 10% to a search"
_TEXTS = """
SELECT name FROM (SELECT name FROM profiles_profilename WHERE profile_id % 99991 = 7 ORDER BY profile_id LIMIT 5) names
UNION ALL SELECT left(name, 5) FROM (SELECT name FROM profiles_profilename WHERE profile_id % 77773 = 5 ORDER BY profile_id
    LIMIT 1) parts
UNION ALL SELECT n.key || ':' || i.value FROM (
    SELECT * FROM profiles_identifier WHERE id % 99989 = 11 ORDER BY id LIMIT 12
) i JOIN profiles_namespace n ON n.id = i.namespace_id AND n.key IN ('user_id', 'anonymous_id')
"""


def run() -> list[Figure]:
    """Fill, unless that was done, and let the actors search by turns."""
    kept = os.environ.get("PAGES_HOME")
    with Installation(Path(kept) if kept else None) as installation:
        installation.enter()
        pages.fill(installation)
        with installation.connect() as connection:
            texts = [text for (text,) in connection.execute(_TEXTS).fetchall()]
        actors = _actors()
        turns: dict[str, list[float]] = {name: [] for name in actors}
        meter = importlib.import_module("benchmarks._timing").Meter(installation.server_process)
        for actor in actors.values():
            _search(actor, texts)
        for _ in range(ROUNDS):
            for name, actor in actors.items():
                turns[name].append(_timed(meter, actor, texts))
    alone = turns["an administrator"]
    return [_figure(name, each, alone, len(texts)) for name, each in turns.items()]


def _actors() -> "dict[str, Actor]":
    """Who searches. All may search by names and pseudonymous ids."""
    access, enums = (importlib.import_module(f"compliance.{name}") for name in ("access", "enums"))
    category = enums.Category
    everything = access.Actor(
        enums.ActorKind.STAFF, "administrator", frozenset(enums.Operation), frozenset(category)
    )
    some = replace(
        everything, categories=frozenset({category.IDENTITY, category.BEHAVIOUR, category.LOCATION}),
        hashed=frozenset({category.CONTACT}), hidden=frozenset({category.SPECIAL}),
    )  # fmt: skip
    return {
        "an administrator": everything,
        "who sees some masked, some as pseudonyms, some not at all": some,
        "who is bound to two purposes": replace(some, purposes=frozenset({"service", "marketing"})),
        "who sees nine sources, which know three people in four": replace(
            some, sources=frozenset(range(100, 109))
        ),
        "who sees three sources, which know one in four": replace(some, sources=frozenset(range(100, 103))),
        "who sees a source that knows one in a thousand": replace(some, sources=frozenset({112})),
    }


def _timed(meter: Any, actor: "Actor", texts: list[str]) -> float:
    meter.look_again()
    before = meter.processor()
    _search(actor, texts)
    return float(meter.processor() - before)


def _search(actor: "Actor", texts: list[str]) -> None:
    search = importlib.import_module("profiles.domain.queries.search").search
    for text in texts:
        search(actor, text)


def _figure(name: str, turns: list[float], alone: list[float], searches: int) -> Figure:
    more = median(one / other for one, other in zip(turns, alone, strict=True))
    return Figure(
        f"search by {name}", median(turns) / searches * 1000, "ms of processor", GOAL, median(alone) / searches * 1000,
        f"median of {len(turns)} turns of {searches} searches among {pages.PEOPLE:,} people: {more:.3f} of an administrator's",
    )  # fmt: skip


if __name__ == "__main__":
    for figure in run():
        print(figure)
