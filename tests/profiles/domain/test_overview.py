"""What the page of a person asks at once, and the lists around it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from profiles.domain.queries import TimelineFilter, UnknownPerson
from profiles.domain.queries.activity import DAYS, activity
from profiles.domain.queries.event import UnknownEvent, event
from profiles.domain.queries.listing import listing, newest, only_one
from profiles.domain.queries.overview import overview
from profiles.domain.queries.timeline_search import search_timeline
from tests.profiles.builder.driver import START
from tests.profiles.builder.driver import event as sent
from tests.profiles.people import ALL, MARKETER

NOW = START + timedelta(days=2)


def test_an_overview_has_everything_of_one_person(jane):
    found = overview(ALL, jane.public_id, now=NOW)
    assert found.person.name == "Jane Miller"
    assert found.events
    assert found.activity
    assert len(found.events.page.items) == found.activity.events == 4
    assert {each.namespace for each in found.identifiers.items} == {"user_id", "email", "anonymous_id"}
    with pytest.raises(UnknownPerson):
        overview(ALL, uuid4(), now=NOW)


def test_activity_counts_days_and_names(builder, jane):
    builder.send(sent(user_id="42", minutes=24 * 60, name="Tick"), sent(user_id="42", minutes=-60 * 24 * 90))
    found = activity(ALL, jane.public_id, now=NOW)
    assert len(found.by_day) == DAYS
    assert found.by_day[-3:] == [4, 1, 0]
    assert (found.events, sum(found.by_day)) == (6, 5)
    assert {(each.name, each.events) for each in found.by_name} == {
        ("Page Viewed", 2), ("Order Completed", 1), ("identify", 2), ("Tick", 1),
    }  # fmt: skip
    assert found.sources == [(1, "source 1")]


def test_the_newest_come_first_by_page(builder):
    builder.send(*[sent(anonymous_id=f"d{number}", minutes=number) for number in range(5)])
    first = newest(ALL, limit=2)
    second = newest(ALL, limit=2, cursor=first.next)
    assert len({person.id for person in [*first.items, *second.items]}) == 4
    assert [person.id for person in newest(ALL, limit=2, cursor=second.previous).items] == [
        person.id for person in first.items
    ]
    assert listing(ALL).events == {person.row: 1 for person in listing(ALL).page.items}


def test_only_a_text_that_finds_exactly_one_leads_to_them(builder, jane):
    assert only_one(ALL, "jane@example.com") == jane.public_id
    assert only_one(MARKETER, "jane@example.com") is None
    builder.send(sent("identify", user_id="43", minutes=9, traits={"name": "Jane Miller"}))
    assert only_one(ALL, "Jane Miller") is None


def test_a_search_in_the_timeline_goes_back_as_far_as_it_says(builder, jane):
    builder.send(*[sent(user_id="42", minutes=10 + number / 60, name="Tick") for number in range(1100)])
    first = search_timeline(ALL, jane.public_id, text="order completed")
    assert first.items == []
    assert first.next is not None
    rest = search_timeline(ALL, jane.public_id, text="order completed", cursor=first.next)
    assert ([item.event for item in rest.items], rest.next) == (["Order Completed"], None)
    only = search_timeline(ALL, jane.public_id, text="tick", filters=TimelineFilter(event="identify"))
    assert only.items == []


def test_an_event_is_found_by_its_id_and_time_only(jane):
    events = overview(ALL, jane.public_id, now=NOW).events
    assert events
    item = events.page.items[0]
    found = event(ALL, jane.public_id, event_id=item.id, timestamp=item.timestamp)
    assert (found.correction, found.delay) == (timedelta(0), timedelta(minutes=1))
    assert {link.a.namespace for link in found.evidence} == {"user_id"}
    with pytest.raises(UnknownEvent):
        event(ALL, jane.public_id, event_id=item.id, timestamp=item.timestamp + timedelta(seconds=1))
