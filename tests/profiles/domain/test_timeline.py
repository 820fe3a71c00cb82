from datetime import timedelta
from uuid import uuid4

import pytest

from compliance.access import AccessDenied, Actor
from compliance.enums import Category, Operation
from profiles.domain.queries import TimelineFilter, UnknownPerson, timeline
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, person_of, reads


def titles(page) -> list[str]:
    return [each.title for each in page.items]


def test_events_come_newest_first_with_what_they_say(jane):
    page = timeline(ALL, jane.public_id)
    assert titles(page) == ["identify", "identify", "Order Completed", "Page Viewed"]
    order = page.items[2]
    assert (order.type, order.event, order.source, order.source_id) == (
        "track",
        "Order Completed",
        "source 1",
        1,
    )
    assert order.properties == {"total": 12.5}
    assert order.timestamp == START + timedelta(minutes=1)
    assert page.items[0].traits == {"plan": "gold"}
    assert page.items[0].event is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"event": "Order Completed"}, ["Order Completed"]),
        ({"event": "identify"}, ["identify", "identify"]),
        ({"event": "never seen"}, []),
        ({"source_id": 1}, ["identify", "identify", "Order Completed", "Page Viewed"]),
        ({"source_id": 2}, []),
        ({"since": START + timedelta(minutes=2)}, ["identify", "identify"]),
        ({"until": START + timedelta(minutes=1)}, ["Page Viewed"]),
    ],
)
def test_filters_keep_what_fits(filters, found, jane):
    assert titles(timeline(ALL, jane.public_id, filters=TimelineFilter(**filters))) == found


def test_pages_join_without_gap_or_repetition_even_at_one_instant(builder):
    builder.send(*(event(user_id="u", minutes=number // 4, name=f"E{number}") for number in range(11)))
    who = person_of("user_id", "u").public_id
    pages = [timeline(ALL, who, limit=3)]
    while pages[-1].next:
        pages.append(timeline(ALL, who, cursor=pages[-1].next, limit=3))
    assert [len(page.items) for page in pages] == [3, 3, 3, 2]
    assert {title for page in pages for title in titles(page)} == {f"E{number}" for number in range(11)}
    assert timeline(ALL, who, cursor=pages[2].previous, limit=3).items == pages[1].items
    assert timeline(ALL, who, cursor=pages[1].previous, limit=3).previous is None


def test_events_of_all_months_are_there(builder):
    builder.send(*(event(user_id="u", minutes=-60 * 24 * 31 * month, name=f"M{month}") for month in range(5)))
    assert titles(timeline(ALL, person_of("user_id", "u").public_id)) == ["M0", "M1", "M2", "M3", "M4"]


def test_hidden_content_is_left_out_and_named(jane):
    page = timeline(MARKETER, jane.public_id)
    assert page.items[3].properties == {"url": "/shoes"}
    assert page.items[3].masked == ["properties.email"]
    assert page.items[1].traits == {"name": "Jane Miller", "city": "Leeds"}
    assert sorted(page.items[1].masked) == ["traits.diagnosis", "traits.email", "traits.shoe"]


def test_who_may_not_see_behaviour_sees_types_and_times_only(jane):
    actor = Actor(ALL.kind, "clerk", frozenset(Operation), frozenset({Category.IDENTITY}))
    page = timeline(actor, jane.public_id)
    assert titles(page) == ["identify", "identify", "track", "track"]
    assert [each.properties for each in page.items] == [{}, {}, {}, {}]
    assert page.items[2].masked == ["event", "properties", "context"]
    with pytest.raises(AccessDenied):
        timeline(actor, jane.public_id, filters=TimelineFilter(event="Order Completed"))


def test_reading_leaves_a_row_and_nobody_is_an_error(jane):
    timeline(ALL, jane.public_id)
    assert reads() == [("test", "person.timeline", 1)]
    with pytest.raises(UnknownPerson):
        timeline(ALL, uuid4())


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_as_many_statements_however_many_there_are(count, builder, django_assert_num_queries):
    builder.send(*(event(user_id="u", name=f"E{each}", source_id=each + 1) for each in range(count)))
    who = person_of("user_id", "u").public_id
    # Holder, whether of many devices, events, names, sources, audit row.
    with django_assert_num_queries(6):
        assert len(timeline(ALL, who).items) == count


def test_the_channel_is_looked_for_only_where_it_is_asked_for(builder, django_assert_num_queries):
    builder.send(event(user_id="u", context={"channel": "web"}))
    who = person_of("user_id", "u").public_id
    assert [item.channel for item in timeline(ALL, who).items] == [""]
    with django_assert_num_queries(7):  # the channels of the sources besides
        found = timeline(ALL, who, filters=TimelineFilter(channel="web"))
    assert [item.channel for item in found.items] == ["web"]
