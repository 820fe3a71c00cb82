"""Patterns say which files are read, and lead only down."""

import pytest

from ingestion.sources.contract import SourceRefused
from ingestion.sources.files.patterns import Pattern
from ingestion.sources.files.walking import Walk
from tests.ingestion.sources.files.conftest import table


@pytest.mark.parametrize(
    "pattern", ["", "/etc/*", "../x/*", "orders/../../*", "a\\b", "a//b", "x" * 300, "a/./b"]
)
def test_a_pattern_goes_only_down(feed, pattern):
    feed.settings["pattern"] = pattern
    with pytest.raises(SourceRefused, match="attern"):
        feed.kind.describe(feed.settings, "x")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("orders/*.csv", {"orders/a.csv"}),
        ("**/*.csv", {"a.csv", "orders/a.csv", "orders/2026/01/a.csv"}),
        ("orders/**", {"orders/a.csv", "orders/2026/01/a.csv", "orders/b.json"}),
        ("orders/????/0[1-3]/*", {"orders/2026/01/a.csv"}),
        ("orders/[!a]*", {"orders/b.json"}),
        ("*", {"a.csv"}),
    ],
)
def test_patterns(feed, pattern, found):
    for name in ("a.csv", "orders/a.csv", "orders/b.json", "orders/2026/01/a.csv", "orders/.git/a.csv"):
        feed.put(name, table(1, 1))
    feed.settings["pattern"] = pattern
    with feed.kind.opened(feed.settings) as place:
        assert {file.name for file in place.files(Walk(Pattern(pattern)))} == found
