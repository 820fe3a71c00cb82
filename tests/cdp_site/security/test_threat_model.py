"""The threat model names tests that are there."""

import re

from tests.conftest import ROOT

NAMED = re.compile(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py)?)`")


def test_each_test_that_it_names_is_there():
    rows = [
        line for line in (ROOT / "docs/threat-model.md").read_text().splitlines() if line.startswith("| **")
    ]
    missing = []
    for row in rows:
        place = None
        for name in NAMED.findall(row.rstrip("| ").rpartition("|")[2]):
            beside = place.parent / name if place is not None else None
            found = next((each for each in (ROOT / "tests" / name, beside) if each and each.exists()), None)
            place = found or place
            missing += [] if found else [name]
    assert len(rows) > 25
    assert missing == []
