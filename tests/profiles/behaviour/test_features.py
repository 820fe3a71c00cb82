"""The numbers of a visit."""

from dataclasses import asdict

from profiles.behaviour.annoyances import annoyances
from profiles.behaviour.features import features
from profiles.behaviour.kinds import Kind
from tests.profiles.behaviour.given import fact


def test_all_features_of_a_visit():
    facts = sorted([
        fact(0, Kind.VIEW, page="/"),
        fact(10, Kind.HOVER, "Menu", page="/"),
        fact(12, Kind.SCROLL, number=40, page="/"),
        fact(14, Kind.SCROLL, number=75, page="/"),
        fact(20, Kind.CLICK, "Jackets", page="/"),
        fact(21, Kind.VIEW, page="/jackets"),
        fact(141, Kind.CLICK, "Pay", page="/jackets"),
        fact(141.2, Kind.CLICK, "Pay", page="/jackets"),
        fact(141.4, Kind.DEAD_CLICK, "Pay", page="/jackets"),
        fact(150, Kind.ERROR, "E1", page="/jackets"),
        fact(151, Kind.ERROR, "E1", page="/jackets"),
        fact(152, Kind.ERROR, "E1", page="/jackets"),
        fact(160, Kind.COMPLAINT, "payment"),
    ])  # fmt: skip
    assert asdict(features(facts, annoyances(facts))) == {
        "events": 13, "pages": 2, "distinct_pages": 2, "clicks": 4, "distinct_elements": 2, "hovers": 1,
        "scrolls": 2, "scroll_depth": 75, "errors": 3, "complaints": 1, "rage_clicks": 1, "dead_clicks": 3,
        "repeated_errors": 1, "duration_seconds": 160, "active_seconds": 70, "clicks_per_minute": 3.4,
        "seconds_per_page": 80.0,
    }  # fmt: skip


def test_a_visit_of_one_event_divides_by_nothing():
    facts = [fact(3, Kind.CLICK, "Pay")]
    found = features(facts, annoyances(facts))
    assert (found.duration_seconds, found.clicks_per_minute, found.seconds_per_page) == (0, None, None)
