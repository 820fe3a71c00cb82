"""Of any number of files the oldest are chosen, and no more is kept in memory than those and a few names."""

import tracemalloc
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.sources.files import choosing
from ingestion.sources.files.choosing import Chosen, choose
from ingestion.sources.files.memory import Memory
from ingestion.sources.files.names import SHOWN_NAMES, Names
from ingestion.sources.files.options import options_of
from ingestion.sources.files.places import FoundFile

NOW, SETTLE = 1_000_000.0, 10
OPTIONS = options_of({"pattern": "*.csv", "settle": str(SETTLE)})


class Listing:
    """A place that lists files as they are asked for, and never has them all."""

    def __init__(self, ages: Any) -> None:
        self._ages = ages

    def files(self, _walk: Any) -> Any:
        for number, age in enumerate(self._ages):
            yield FoundFile(f"{number:07}.csv", int((NOW - age) * 1_000_000), 1)


def chosen(ages: Any) -> Chosen:
    return choose(Listing(ages), OPTIONS, Memory({}, "x"), set(), NOW, takes_again=False)  # type: ignore[arg-type]


@contextmanager
def at_once(number: int) -> Any:
    before, choosing.MOST_AT_ONCE = choosing.MOST_AT_ONCE, number
    yield
    choosing.MOST_AT_ONCE = before


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 8))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_the_oldest_are_chosen_and_the_young_ones_are_counted(ages, number):
    settled = sorted((-age, n) for n, age in enumerate(ages) if age >= SETTLE)
    with at_once(number):
        found = chosen(ages)
    assert [file.name for file in found.files] == [f"{n:07}.csv" for _, n in settled[:number]]
    assert found.more is (len(settled) > number)
    assert found.waiting.count == len(ages) - len(settled)
    assert len(found.waiting.first) == min(found.waiting.count, SHOWN_NAMES)


@pytest.mark.parametrize("age", [0, 100])
def test_a_great_many_files_take_as_little_room_as_some(age):
    with at_once(10):
        chosen([age] * 100)
        tracemalloc.start()
        found = chosen(age for _ in range(3000))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 100_000, "3,000 names alone would be more"
    assert (found.waiting.count, len(found.files)) == ((0, 10) if age else (3000, 0))


def test_names_are_told_by_the_first_and_by_how_many_there_are():
    some = Names().add("a.csv").add("b.csv")
    assert str(some) == "a.csv, b.csv"
    for number in range(1500):
        some.add(f"{number}.csv")
    assert str(some) == "a.csv, b.csv, 0.csv and 1,499 more"
    assert str(Names().add("c.csv").add_all(some)) == "c.csv, a.csv, b.csv and 1,500 more"
