"""A person with very many devices: their timeline is read by days, and tells the same as if it were read whole."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from profiles.domain.queries import TimelineFilter, spans, timeline
from profiles.domain.queries.activity import activity
from streaming.database import fetch
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, person_of

DAY = 24 * 60


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three devices are very many."""
    monkeypatch.setattr(spans, "MANY_ANCHORS", 3)


@pytest.fixture
def who(builder: Any) -> Any:
    """A person of six devices with events of a hundred days, many of them on a few."""
    chosen = random.Random(7)
    builder.send(
        *(
            event(
                user_id="u", anonymous_id=f"device-{chosen.randrange(6)}", name=f"E{number % 3}", source_id=1 + number % 2,
                minutes=-chosen.choice([0, 1, 2, 3, 40, 41, 100]) * DAY + chosen.randrange(DAY // 2),
            )
            for number in range(60)
        )
    )  # fmt: skip
    return person_of("user_id", "u").public_id


def _ids(who: Any, **filters: Any) -> list[int]:
    """All events by page, forth; then back again, which has to tell the same."""
    wanted = TimelineFilter(**filters)
    pages = [timeline(ALL, who, limit=7, filters=wanted)]
    while pages[-1].next:
        pages.append(timeline(ALL, who, limit=7, cursor=pages[-1].next, filters=wanted))
    page, back = pages[-1], [pages[-1]]
    while page.previous:
        page = timeline(ALL, who, limit=7, cursor=page.previous, filters=wanted)
        back.insert(0, page)
    ids = [item.id for each in pages for item in each.items]
    assert [item.id for each in back for item in each.items] == ids
    return ids


@pytest.mark.parametrize(
    "filters",
    [{}, {"event": "E1"}, {"event": "nothing"}, {"source_id": 2}, {"source_id": 9}, {"event": "E2", "source_id": 1},
     {"since": START - timedelta(days=40)}, {"until": START - timedelta(days=2)},
     {"since": START - timedelta(days=41), "until": START - timedelta(days=1)}, {"since": START - timedelta(days=9), "until": START - timedelta(days=5)}],
)  # fmt: skip
def test_who_has_very_many_devices_has_the_same_timeline(who: Any, filters: dict[str, Any]) -> None:
    whole = _ids(who, **filters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "MANY_ANCHORS", 3)
        assert _ids(who, **filters) == whole


def test_the_days_are_read_from_the_newest_on_until_they_have_enough(many: None, who: Any) -> None:
    row = person_of("user_id", "u").pk
    first, *further = spans.spans(row, spans.Reading(wanted=1))
    assert first.low is not None
    assert first.low.date() == START.date()
    lows = [each.low for each in (first, *further) if each.low is not None]
    assert len(lows) == 1 + len(further)
    assert lows == sorted(lows, reverse=True)
    assert lows[-1].date() == (START - timedelta(days=100)).date()  # and then all there is
    assert all(each.is_sparse for each in (first, *further))


def test_only_months_are_looked_into_that_hold_something_of_the_device(many: None, who: Any) -> None:
    """Each look at the timeline is counted: a device and a month, of seven devices and five months."""
    row = person_of("user_id", "u").pk
    active = fetch(
        "SELECT count(DISTINCT (c.anchor_id, date_trunc('month', c.day))) FROM profiles_anchor a"
        " JOIN profiles_daily_counter c ON c.anchor_id = a.id WHERE a.profile_id = %s",
        [row],
    )
    looks = []

    def explained(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "FROM profiles_timeline t" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", parameters)
                (plan,) = cursor.cursor.fetchone()
                looks.append(_looks(plan[0]["Plan"]))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explained):
        assert not timeline(ALL, who, filters=TimelineFilter(source_id=9)).items
    assert looks[-1] == active[0][0]


def _looks(node: dict[str, Any]) -> int:
    """How often parts of the timeline were looked into."""
    own = node["Actual Loops"] if node.get("Relation Name", "").startswith("profiles_timeline") else 0
    return own + sum(map(_looks, node.get("Plans", ())))


def test_who_has_few_devices_is_read_at_once(who: Any) -> None:
    row = person_of("user_id", "u").pk
    assert list(spans.spans(row, spans.Reading(wanted=1))) == [spans.Span()]


def test_the_sources_of_the_newest_events_are_known(many: None, who: Any) -> None:
    found = activity(ALL, who, now=START + timedelta(days=1))
    assert [key for key, _ in found.sources] == [1, 2]
    assert found.events == 60
