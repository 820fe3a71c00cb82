"""What a whole run does about chance: tests on real components get a second try, and property tests fixed examples.

A test that kills brokers or waits for processes can fail because the machine was busy with its neighbours. It is tried
once more, in the same run; both tries are reported (`R` in the summary), so that one which needs it often is seen. A
test of our code alone has one try. In continuous integration hypothesis makes the same examples every time: what
it finds beyond them is for the runs of those who work on the code.
"""

import os
from collections.abc import Iterable

import pytest
from _pytest.terminal import TerminalReporter
from hypothesis import settings

_REAL_MARKS = frozenset({"kafka", "browser", "fault"})
_REAL_FIXTURES = frozenset({"kafka_cluster", "fresh_database"})

settings.register_profile("ci", derandomize=True)


def fix_examples() -> None:
    """Have hypothesis repeat itself where CI is set."""
    if os.environ.get("CI"):
        settings.load_profile("ci")


def drives_real_components(item: pytest.Item) -> bool:
    """Whether a test kills, drives or waits for processes other than its own."""
    marks = {mark.name for mark in item.iter_markers()}
    return bool(marks & _REAL_MARKS or set(getattr(item, "fixturenames", ())) & _REAL_FIXTURES)


def allow_second_tries(items: Iterable[pytest.Item]) -> None:
    """Mark the tests that run on real components."""
    for item in items:
        if drives_real_components(item) and item.get_closest_marker("flaky") is None:
            item.add_marker(pytest.mark.flaky(reruns=1))


def tell_of_first_tries(reporter: TerminalReporter) -> None:
    """Write why each first try failed: the second one says nothing of it, even where it fails for another reason."""
    tries = reporter.getreports("rerun")
    if tries:
        reporter.section("first tries")
    for failed in tries:
        reporter.line(f"{failed.nodeid} ({failed.when}, after {failed.duration:.0f} s)")
        reporter.line(failed.longreprtext)
