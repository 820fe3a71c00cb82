"""Working off the review queue."""

from datetime import timedelta
from typing import Any

import pytest

from compliance.access import AccessDenied
from compliance.models import AuditEntry
from profiles.domain.decisions import AlreadyDecided, UnknownReview, decide, keep_apart, undo, withdraw_import
from profiles.domain.queries.reviews import NoLongerTwo, review_pair, review_queue
from profiles.enums import ReviewDecision
from profiles.models import BlockProposal, Evidence, Identifier, Review
from tests.plans import tables_read_whole
from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import people, picture
from tests.profiles.domain.decisions.stored import NOW, id_of, link
from tests.profiles.people import ALL, MARKETER

MERGED, APART, LATER = ReviewDecision.MERGED, ReviewDecision.APART, ReviewDecision.LATER


@pytest.fixture
def clash(builder):
    """Bob on Ann's tablet, twice, and Cid on hers: two pairs for review."""
    builder.send(
        event("identify", anonymous_id="tablet", user_id="ann", traits={"plan": "gold", "city": "Leeds"})
    )
    builder.send(
        event(
            "identify",
            anonymous_id="tablet",
            user_id="bob",
            minutes=1,
            traits={"plan": "free", "city": "Leeds"},
        ),
        event(anonymous_id="tablet", user_id="bob", minutes=2, source_id=2),
    )
    builder.send(event(anonymous_id="tablet", user_id="cid", minutes=3))
    return builder


def groups() -> set[frozenset[str]]:
    return {frozenset(value for _, value in each) for each in people().values()}


def waiting(now=NOW) -> list[set[str]]:
    pairs = review_queue(ALL, now=now).items
    return [{each.identifiers[0].value or "" for each in pair.people} for pair in pairs]


def picture_without_decisions() -> dict[str, Any]:
    """People and facts, and what became of what events say."""
    found: dict[str, Any] = picture()
    said = {key: row for key, row in found["evidence"].items() if key[1] not in ("merge", "keep_apart")}
    return {**found, "evidence": said}


def review_of(user: str) -> int:
    """The first link of the pair, whichever of one batch that is."""
    return link("tablet", user).pk


def test_a_long_page_does_not_read_the_identifiers_of_everybody(clash):
    with tables_read_whole(joining=True, of="profiles_blockproposal") as whole:
        assert len(review_queue(ALL, now=NOW, limit=500).items) == 2
    assert "profiles_identifier" not in whole


def test_each_pair_waits_once_those_first_that_wait_longest(clash):
    assert waiting() == [{"ann", "bob"}, {"ann", "cid"}]
    first = review_queue(ALL, now=NOW, limit=1)
    second = review_queue(ALL, now=NOW, cursor=first.next, limit=1)
    assert [pair.id for page in (first, second) for pair in page.items] == [
        review_of("bob"),
        review_of("cid"),
    ]
    assert second.next is None
    assert review_queue(ALL, now=NOW, cursor=second.previous, limit=1).items == first.items


@pytest.mark.parametrize("count", [1, 4])
def test_the_queue_takes_as_many_statements_however_many_pairs_wait(count, clash, django_assert_num_queries):
    for number in range(count):
        clash.send(event(anonymous_id="tablet", user_id=f"further {number}", minutes=5))
    with django_assert_num_queries(6):
        assert len(review_queue(ALL, now=NOW).items) == 2 + count


def test_the_two_stand_side_by_side_with_evidence_and_differences(clash):
    found = review_pair(ALL, review_of("bob"), now=NOW)
    assert {each.person.identifiers[0].value for each in found.sides} == {"ann", "bob"}
    assert [(each.key, each.is_different) for each in found.traits] == [("plan", True), ("city", False)]
    plan = found.traits[0]
    winner = plan.values[plan.winner]
    assert winner is not None
    assert winner.value == "free"  # the later one
    assert found.sides[found.survivor].person.id == id_of("ann")
    assert len(found.links) == len(found.open) == 2
    assert (found.previous, found.next) == (None, review_of("cid"))
    assert all(side.events for side in found.sides)
    assert len(AuditEntry.objects.filter(action="reviews.open").latest("id").subjects) == 2


def test_merged_they_are_one_and_the_decision_says_who(clash):
    decided = decide(ALL, review_of("bob"), MERGED, note="one household, one login", now=NOW)
    assert decided.still_one
    assert frozenset({"tablet", "ann", "bob"}) in groups()
    assert waiting() == [{"ann", "cid"}]
    rows = Review.objects.values_list("decision", "by", "at", "note")
    assert set(rows) == {("merged", "test", NOW, "one household, one login")}
    assert Review.objects.count() == 2  # both links of the pair
    with pytest.raises(NoLongerTwo):
        review_pair(ALL, review_of("bob"), now=NOW)


def test_kept_apart_they_never_wait_again(clash):
    decide(ALL, review_of("bob"), APART, now=NOW)
    clash.send(event(anonymous_id="tablet", user_id="bob", minutes=9, source_id=7))
    assert waiting() == [{"ann", "cid"}]
    assert link("tablet", "bob", source_id=7).refused_by == "keep_apart"


def test_later_is_later(clash):
    decide(ALL, review_of("bob"), LATER, now=NOW)
    assert waiting() == [{"ann", "cid"}]
    assert waiting(NOW + timedelta(days=8)) == [{"ann", "bob"}, {"ann", "cid"}]
    decide(ALL, review_of("bob"), LATER, until=NOW + timedelta(days=30), now=NOW + timedelta(days=8))
    assert waiting(NOW + timedelta(days=29)) == [{"ann", "cid"}]


def test_who_decides_second_is_told_what_was_decided_first(clash):
    decide(ALL, review_of("bob"), APART, now=NOW)
    for decision in (MERGED, APART, LATER):
        with pytest.raises(AlreadyDecided, match="test keeps them apart"):
            decide(ALL, review_of("bob"), decision, now=NOW)
    assert Evidence.objects.filter(rule="keep_apart").count() == 1
    with pytest.raises(AlreadyDecided):
        decide(ALL, link("tablet", "ann").pk, APART, now=NOW)  # a link that holds
    for unknown in (10**9, 2**70):
        with pytest.raises(UnknownReview):
            decide(ALL, unknown, APART, now=NOW)


@pytest.mark.parametrize("decision", [MERGED, APART, LATER])
def test_what_was_decided_can_be_taken_back(decision, clash):
    before = picture_without_decisions()
    decide(ALL, review_of("bob"), decision, now=NOW)
    undo(ALL, review_of("bob"), now=NOW)
    assert waiting() == [{"ann", "bob"}, {"ann", "cid"}]
    assert picture_without_decisions() == before
    with pytest.raises(AlreadyDecided):
        undo(ALL, review_of("bob"), now=NOW)
    assert not Review.objects.exists()


def test_taking_back_a_merge_lets_what_it_overruled_count_again(clash):
    keep_apart(ALL, id_of("ann"), id_of("bob"), why="", now=NOW)
    Evidence.objects.filter(rule="keep_apart").update(withdrawn_by="", decided_by="another")
    assert waiting() == [{"ann", "cid"}]
    decide(ALL, review_of("cid"), MERGED, now=NOW + timedelta(hours=1))
    undo(ALL, review_of("cid"), now=NOW + timedelta(hours=2))
    assert not Evidence.objects.filter(rule="keep_apart", state="withdrawn").exists()
    assert waiting() == [{"ann", "cid"}]


def test_what_hangs_on_a_value_that_ought_to_be_blocked_waits_for_that(clash):
    tablet = Identifier.objects.get(value="tablet")
    BlockProposal.objects.create(identifier=tablet, people=3, links=4, why="many people", proposed_at=NOW)
    assert waiting() == []


def test_the_queue_is_for_those_who_may_decide(clash):
    for ask in (
        lambda: review_queue(MARKETER, now=NOW),
        lambda: review_pair(MARKETER, review_of("bob"), now=NOW),
        lambda: decide(MARKETER, review_of("bob"), APART, now=NOW),
        lambda: undo(MARKETER, review_of("bob"), now=NOW),
    ):
        with pytest.raises(AccessDenied):
            ask()


def test_undoing_an_import_withdraws_what_only_it_said(builder):
    builder.send(
        event(anonymous_id="a", user_id="u", import_id=7), event(anonymous_id="b", user_id="u", import_id=7)
    )
    builder.send(event(anonymous_id="b", user_id="u", source_id=2))
    assert withdraw_import(ALL, 7, now=NOW) == 2
    assert withdraw_import(ALL, 7, now=NOW) == 0
    assert groups() == {frozenset({"a"}), frozenset({"b", "u"})}
    assert not Evidence.objects.filter(rule="keep_apart").exists()
