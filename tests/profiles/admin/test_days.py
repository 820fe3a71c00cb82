"""Events as the timeline shows them."""

from datetime import UTC, datetime, timedelta

import pytest

from profiles.admin.days import days_of
from profiles.admin.icons import icon_of
from profiles.admin.values import listed, text_of
from profiles.domain.queries import TimelineItem

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def item(type_: str = "track", *, event: str | None = None, days: float = 0, **fields) -> TimelineItem:
    moment = NOW - timedelta(days=days)
    documents = {"properties": {}, "context": {}, "traits": None, "masked": [], **fields}
    return TimelineItem(1, "m", type_, event, moment, moment, 1, "Shop", 0, **documents)


def test_days_are_named_and_the_one_that_began_before_is_not_named_again():
    days = days_of([item(), item(days=1), item(days=5), item(days=800)], now=NOW)
    assert [day.title for day in days] == [
        "Today",
        "Yesterday",
        "Thursday, 19 November 2026",
        "15 September 2024",
    ]
    assert days_of([item()], now=NOW, begun="2026-11-24")[0].title == ""


def test_a_page_says_where_and_not_everything_twice():
    page = item("page", properties={"url": "https://a.example/b", "path": "/b", "title": "B", "name": "B"})
    (shown,) = days_of([page], now=NOW)[0].events
    assert (shown.title, shown.facts) == ("Viewed B", [("Path", "/b")])


def test_what_is_hidden_shows_where_it_would_be_read():
    (told,) = days_of([item(event="Bought", masked=["properties.card"])], now=NOW)[0].events
    (quiet,) = days_of([item(event="Bought", masked=["context.ip"])], now=NOW)[0].events
    assert (told.is_partly_hidden, quiet.is_partly_hidden) == (True, False)


def test_an_event_whose_name_is_hidden_still_stands_in_the_timeline():
    (shown,) = days_of([item(event=None, masked=["event"])], now=NOW)[0].events
    assert (shown.title, shown.icon) == ("An event", "bolt")


@pytest.mark.parametrize(
    ("type_", "name", "icon"),
    [
        ("track", "Order Refunded", "undo"),
        ("track", "Order Completed", "shopping_bag"),
        ("track", "Something", "bolt"),
        ("identify", None, "person_add"),
    ],
)
def test_icons(type_, name, icon):
    assert icon_of(type_, name) == icon


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (["a", 2], "a, 2"),
        ({"city": "Leeds", "postal_code": None}, "city Leeds, postal code "),
        ([{"a": 1}], '[\n  {\n    "a": 1\n  }\n]'),
        (None, ""),
        (2**70, "1180591620717411303424"),
    ],
)
def test_values_in_words(value, text):
    assert text_of(value) == text


def test_lists_in_words():
    assert [listed([]), listed(["a"]), listed(["a", "b", "c"])] == ["", "a", "a, b and c"]
