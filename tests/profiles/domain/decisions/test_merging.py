"""Saying that two people are one, or two for ever; and two who say so at once."""

import threading

import pytest
from django.db import connections

from profiles.domain.decisions import (
    AlreadyDecided,
    UnknownReview,
    foresee_merge,
    keep_apart,
    merge,
    withdraw,
)
from profiles.models import Evidence, Identifier, Merge, Namespace, Review
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import people, picture
from tests.profiles.domain.decisions.stored import NOW, id_of, link, who
from tests.profiles.people import ALL


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


@pytest.fixture
def two(builder):
    """Two customers who share a tablet and an e-mail."""
    builder.send(event("identify", anonymous_id="tablet", user_id="ann", traits={"email": "x@x.org", "a": 1}))
    builder.send(
        event(
            "identify", anonymous_id="tablet", user_id="bob", minutes=1, traits={"email": "x@x.org", "b": 2}
        )
    )
    return builder


def test_a_merge_holds_whatever_the_limits_and_is_undone_by_withdrawing_it(two):
    before = groups()
    ann, bob = id_of("ann"), id_of("bob")
    decided = merge(ALL, ann, bob, why="married", now=NOW)
    assert decided.still_one
    assert groups() == {
        frozenset({"tablet", "ann", "bob", "x@x.org"})
    }  # one person: the e-mail is shared no more
    assert {**who("ann").traits} == {"email": "x@x.org", "a": 1, "b": 2}
    assert (id_of("ann"), Evidence.objects.get(rule="merge").decided_by) == (ann, "test")
    undone = withdraw(ALL, ann, [Evidence.objects.get(rule="merge").pk], why="", now=NOW)
    assert groups() == before
    assert set(undone.profiles) == {ann, bob}
    assert Identifier.objects.get(value="x@x.org").shared
    with pytest.raises(AlreadyDecided):
        keep_apart(ALL, ann, bob, why="", now=NOW)  # that was kept with the withdrawal


def test_the_latest_of_two_contrary_decisions_counts(two):
    ann, bob = id_of("ann"), id_of("bob")
    for _ in range(2):
        keep_apart(ALL, ann, bob, why="", now=NOW)
        assert id_of("ann") != id_of("bob")
        merge(ALL, ann, bob, why="", now=NOW)
        assert id_of("ann") == id_of("bob")
        withdraw(ALL, ann, [Evidence.objects.get(rule="merge", state="accepted").pk], why="", now=NOW)
        kept = Evidence.objects.filter(rule="keep_apart").exclude(state="withdrawn")
        withdraw(ALL, ann, [kept.get().pk], why="", now=NOW)
    assert Evidence.objects.filter(rule="merge").count() == 2  # each decision is a row of its own


def test_what_a_merge_would_do_is_told_with_what_it_brings_and_lets_go(two):
    before = picture()
    review = link("tablet", "bob").pk
    (part,) = foresee_merge(ALL, review, now=NOW)
    written = {each.written for each in part.identifiers}
    assert written == {"ann", "bob", "tablet", "x@x.org"}, "shared no more"
    assert picture() == before
    two.send(event(anonymous_id="phone", user_id="bob", minutes=3))
    Namespace.objects.filter(key="anonymous_id").update(limit=1)
    first, second = foresee_merge(ALL, review, now=NOW)
    assert [[each.written for each in part.identifiers] for part in (first, second)] == [
        ["ann", "bob", "x@x.org", "tablet"],
        ["phone"],
    ]
    with pytest.raises(UnknownReview):
        foresee_merge(ALL, 2**70, now=NOW)
    assert not Review.objects.exists()


def test_who_is_kept_apart_stays_so_whatever_is_seen(builder):
    builder.send(event(anonymous_id="a"), event(anonymous_id="b"))
    keep_apart(ALL, id_of("a"), id_of("b"), why="", now=NOW)
    builder.send(event("identify", anonymous_id="a", traits={"email": "x@x.org"}))
    builder.send(event("identify", anonymous_id="b", traits={"email": "x@x.org"}))
    assert groups() == {frozenset({"a", "x@x.org"}), frozenset({"b"})}
    assert link("b", "x@x.org").refused_by == "keep_apart"


def test_deciding_again_what_is_so_already_is_a_conflict(two):
    ann, bob = id_of("ann"), id_of("bob")
    keep_apart(ALL, ann, bob, why="", now=NOW)
    with pytest.raises(AlreadyDecided):
        keep_apart(ALL, bob, ann, why="", now=NOW)
    merge(ALL, ann, bob, why="", now=NOW)
    with pytest.raises(AlreadyDecided):
        merge(ALL, ann, bob, why="", now=NOW)
    with pytest.raises(AlreadyDecided):
        merge(ALL, ann, ann, why="", now=NOW)


def test_of_two_who_decide_at_once_one_is_told_that_the_other_was_faster(two):
    ann, bob = id_of("ann"), id_of("bob")
    told: list[object] = []
    start = threading.Barrier(2)

    def decide(decision) -> None:
        try:
            start.wait(10)
            told.append(decision(ALL, ann, bob, why="", now=NOW))
        except AlreadyDecided as error:
            told.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=(merge,)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(type(each).__name__ for each in told) == ["AlreadyDecided", "Decided"]
    assert Evidence.objects.filter(rule="merge").count() == 1
    assert Merge.objects.count() == 1
