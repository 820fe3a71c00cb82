"""The visits of a person, as those see them who may."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.access import AccessDenied
from compliance.enums import Category
from profiles.domain.queries import InvalidCursor
from profiles.domain.queries.sessions import sessions
from tests.profiles.builder.driver import event
from tests.profiles.people import ALL, MARKETER, NOBODY, declares, person_of, reads
from tests.profiles.sessions.driver import RECEIVED, Pipeline, end, page, seen


@pytest.fixture
def pipeline(fresh_database):
    made = Pipeline(fresh_database)
    yield made
    made.stop()


@pytest.fixture
def visitor(pipeline):
    """Three visits on one device."""
    pipeline.send(page(0, "/a"), page(5, "/b"), end(6), page(60, "/c"), page(120, "/d"))
    pipeline.combiner.close()
    return person_of("anonymous_id", "a1").public_id


def test_visits_come_newest_first_with_their_sums(visitor):
    found = sessions(ALL, visitor).items
    assert [(each.entry_page, each.exit_page, each.events, each.ended_by) for each in found] == [
        ("/d", "/d", 1, "inactivity"), ("/c", "/c", 1, "inactivity"), ("/a", "/b", 3, "mark"),
    ]  # fmt: skip
    assert found[2].duration.total_seconds() == 360
    assert reads() == [("test", "person.sessions", 1)]


def test_pages_follow_each_other_both_ways(visitor):
    first = sessions(ALL, visitor, limit=2)
    second = sessions(ALL, visitor, cursor=first.next, limit=2)
    assert [each.entry_page for each in (*first.items, *second.items)] == ["/d", "/c", "/a"]
    assert second.next is None
    assert sessions(ALL, visitor, cursor=second.previous, limit=2).items == first.items
    with pytest.raises(InvalidCursor):
        sessions(ALL, visitor, cursor="x")


def test_who_may_not_see_behaviour_sees_when_and_where(visitor):
    blind = replace(MARKETER, categories=MARKETER.categories - {Category.BEHAVIOUR})
    [newest, *_] = sessions(blind, visitor).items
    assert (newest.source, newest.is_ended) == ("source 1", True)
    assert (newest.events, newest.entry_page, newest.ended_by, newest.session_id) == (None, None, None, None)
    assert {"events", "entry_page"} <= set(newest.masked)
    with pytest.raises(AccessDenied):
        sessions(NOBODY, visitor)


def test_a_token_for_a_purpose_sees_a_visit_only_when_all_its_events_may_be_used(pipeline):
    pipeline.send(seen(0, purposes=["analytics"]), seen(1), seen(60))
    who = person_of("anonymous_id", "a1").public_id
    declares(who, "advertising")
    bound = replace(ALL, purpose="advertising")
    assert [bool(each.masked) for each in sessions(ALL, who).items] == [False, False]
    assert sessions(bound, who).items[1].masked


def starts(namespace: str, value: str) -> list[int]:
    """The minutes in which the visits of whoever has this identifier began."""
    who = person_of(namespace, value).public_id
    return sorted(each.started_at.minute for each in sessions(ALL, who).items)


def test_merged_people_have_the_visits_of_both_and_parted_ones_their_own(pipeline):
    family: dict[str, Any] = {"traits": {"email": "family@x.org"}, "received_at": RECEIVED}
    pipeline.send(event("identify", anonymous_id="a", **family))
    pipeline.send(event("identify", user_id="ann", minutes=1, **family))
    assert starts("user_id", "ann") == starts("anonymous_id", "a") == [0, 1]
    pipeline.send(event("identify", user_id="bob", minutes=2, **family))  # an address of many joins nobody
    assert [starts("user_id", "ann"), starts("anonymous_id", "a"), starts("user_id", "bob")] == [
        [1],
        [0],
        [2],
    ]
