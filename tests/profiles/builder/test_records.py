"""What is published of people with many anchors, and of chains of many links: bounded, and complete."""

import pytest

from profiles.builder.merging import MOST_LINKS, Chains, Vertex
from profiles.enums import EvidenceRule
from profiles.models import Evidence, Merge, Namespace, Profile, Split
from streaming.contracts.profiles import CHANGES_TOPIC, MOST_ANCHORS, decode_change
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import event
from tests.profiles.builder.oracle import decide, names, node, reconsider
from tests.profiles.builder.test_order import check_ids

MANY = MOST_ANCHORS + 100
LARGEST = 256 * 1024  # bytes


@pytest.fixture
def user(staff):
    """A user id that came from more devices than a record names anchors, of which it has the first five."""
    Namespace.objects.filter(key="anonymous_id").update(limit=5)
    staff.send(
        *(event(anonymous_id=f"u{number}", user_id="u", minutes=number / 100) for number in range(MANY))
    )
    return Profile.objects.get(identifiers__value="u")


def changes_of(driver, person: Profile) -> list:
    records = [each for each in driver.published if each.topic == CHANGES_TOPIC]
    assert all(len(each.value) <= LARGEST for each in records)
    told = [decode_change(each.value) for each in records]
    return [each for each in told if each["profile"] == str(person.public_id)]


def test_all_anchors_of_somebody_new_are_told_in_parts(staff, user):
    told = changes_of(staff, user)
    assert [(each["type"], each["part"]) for each in told] == [
        ("profile.identified.v1", [1, 2]),
        ("profile.identified.v1", [2, 2]),
    ]
    assert ["value" in each for each in told] == [False, True]
    assert [len(each["anchors"]) for each in told] == [MOST_ANCHORS, MANY - MOST_ANCHORS]
    assert told[0]["version"] < told[1]["version"]
    check_ids(staff)


def test_of_somebody_with_many_anchors_only_news_is_told(staff, user):
    check_ids(staff)
    del staff.published[:]
    staff.send(event(anonymous_id="new", user_id="u", minutes=90))
    (identified,) = changes_of(staff, user)
    assert len(identified["anchors"]) == 1
    del staff.published[:]
    staff.send(event("identify", anonymous_id="u1", user_id="u", minutes=91, traits={"plan": "gold"}))
    (changed,) = changes_of(staff, user)
    assert (changed["type"], changed["anchors"], changed["keys"]) == (
        "profile.trait_changed.v1",
        [],
        ["plan"],
    )


def test_a_merge_tells_all_anchors_that_moved(staff, user, database):
    staff.send(event(user_id="older", minutes=-60))
    older, younger = node("user_id", "older"), node("user_id", "u")
    decide(older, younger, EvidenceRule.MERGE)
    assert reconsider(staff, older, younger).merges == 1
    view = LogView(database.conninfo)
    records = view.records(CHANGES_TOPIC)
    view.close()
    assert all(len(each.value) <= LARGEST for each in records)
    told = [decode_change(each.value) for each in records]
    parts = [each for each in told if each["type"] == "profile.merged.v1"]
    assert [(len(each["anchors"]), each["part"]) for each in parts] == [
        (MOST_ANCHORS, [1, 2]),
        (MANY - MOST_ANCHORS, [2, 2]),
    ]
    check_ids(staff, [mapping for each in told for mapping in each["anchors"]])


def test_of_a_long_chain_both_ends_are_kept():
    length = 200
    links = [(number, Vertex(number, None), Vertex(number + 1, None)) for number in range(1, length + 1)]
    tree = Chains(links).tree(1)
    assert tree.chain(4) == [1, 2, 3]
    assert tree.chain(MOST_LINKS + 1) == list(range(1, MOST_LINKS + 1))
    half = MOST_LINKS // 2
    assert tree.chain(length + 1) == [*range(1, half + 1), *range(length - half + 1, length + 1)]
    assert tree.chain(length + 5) == [], "nothing leads there"


def test_a_batch_of_merges_keeps_the_links_of_each(staff):
    for number in range(3):
        staff.send(
            event(anonymous_id=f"a{number}", minutes=number), event(anonymous_id=f"b{number}", minutes=9)
        )
    staff.send(
        *(
            event("alias", anonymous_id=f"a{number}", previous_id=f"b{number}", minutes=20)
            for number in range(3)
        )
    )
    kept = {
        row.pk: frozenset((row.a.value, row.b.value)) for row in Evidence.objects.filter(state="accepted")
    }
    assert {frozenset(kept[each] for each in row.evidence) for row in Merge.objects.all()} == {
        frozenset({frozenset({f"a{number}", f"b{number}"})}) for number in range(3)
    }


def test_a_batch_that_leads_to_people_it_has_not_locked_begins_again_with_them(staff):
    """Two values are no longer blocked; an event of the one has to find who was seen with the other."""
    Namespace.objects.filter(key="user_id").update(blocked_values=["u1", "u2"], unique=False)
    staff.send(event(anonymous_id="a", user_id="u1"), event(anonymous_id="a", user_id="u2"))
    staff.send(event(anonymous_id="b", user_id="u2"))
    assert names() == {frozenset({"a"}), frozenset({"b"})}
    Namespace.objects.filter(key="user_id").update(blocked_values=["nobody"])
    staff.send(event(anonymous_id="a", user_id="u1", source_id=2, minutes=3))
    assert names() == {frozenset({"a", "b", "u1", "u2"})}


def test_who_only_has_an_identifier_less_was_not_taken_apart(staff):
    """An e-mail that turns out to be a family's leaves whoever had it, and nobody's facts go anywhere."""
    staff.send(event("identify", user_id="1", traits={"email": "both@example.com"}))
    one = Profile.objects.get(identifiers__value="1")
    del staff.published[:]
    staff.send(event("identify", user_id="2", minutes=1, traits={"email": "both@example.com"}))
    assert [each.value for each in one.identifiers.all()] == ["1"]
    assert [each["type"] for each in changes_of(staff, one)] == ["profile.identified.v1"]
    assert not Split.objects.exists()
    check_ids(staff)
