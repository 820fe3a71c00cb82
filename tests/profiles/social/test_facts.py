"""What is read from an event, in the words of real sources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.moments import Moment
from profiles.social.actions import Kind
from profiles.social.facts import Fact, fact_of
from profiles.social.networks import network_key, network_label
from tests.profiles.social.given import ANCHOR, digest

MOMENT = Moment(5, digest(5))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("a@0 .\0é🙂", max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
NAMES = ("network", "handle", "followers", "reach", "sentiment", "url", "id", "post_id", "account")


def read(name: str, /, **properties: object) -> Fact | None:
    return fact_of(ANCHOR, name, properties, MOMENT)


def fact(name: str, /, **properties: object) -> Fact:
    found = read(name, **properties)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "kind", "undone"),
    [
        ("Post Published", Kind.POST, False),
        ("post_published", Kind.POST, False),
        ("Reply Sent", Kind.REPLY, False),
        ("Comment Posted", Kind.REPLY, False),
        ("Post Liked", Kind.LIKE, False),
        ("Post Unliked", Kind.LIKE, True),
        ("Account Followed", Kind.FOLLOW, False),
        ("Account Unfollowed", Kind.FOLLOW, True),
        ("Mention Received", Kind.MENTION, False),
        ("Post Deleted", Kind.POST, True),
    ],
)
def test_names_of_events(name, kind, undone):
    found = fact(name, network="mastodon")
    assert (found.action.kind, found.action.undone, found.network) == (kind, undone, "mastodon")


def test_other_events_and_those_without_a_network_are_not_social():
    assert read("Order Completed", network="x") is None
    assert read("Post Published") is None
    assert read("Post Published", network=17) is None
    assert fact("Tweet").network == "x"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("Twitter", "x"), ("X", "x"), ("twitter.com", "x"), ("https://www.x.com/jane", "x"), ("IG", "instagram"),
        ("Linked In", "linkedin"), ("FB", "facebook"), ("Mastodon", "mastodon"), ("Ello!", "ello"), ("  ", None),
        (None, None), ("🙂", None),
    ],
)  # fmt: skip
def test_a_network_has_one_key_whatever_it_is_called(said, key):
    assert network_key(said) == key


def test_networks_are_called_as_they_call_themselves():
    assert [network_label(key) for key in ("x", "linkedin", "our_forum")] == ["X", "LinkedIn", "Our forum"]


def test_what_is_said_of_the_account_and_the_post():
    found = fact(
        "Post Published",
        network="x",
        handle=" @jane ",
        followers="1200",
        reach=4000,
        sentiment=-0.25,
        url="u",
    )
    assert (found.handle, found.followers, found.reach, found.sentiment) == ("jane", 1200, 4000, -250)
    assert fact("Post Liked", network="x", sentiment="Positive").sentiment == 1000


def test_what_cannot_be_meant_is_left_out():
    found = fact(
        "Post Published", network="x", handle={"a": 1}, followers=-3, reach=True, sentiment=17, url=["u"]
    )
    assert (found.handle, found.followers, found.reach, found.sentiment) == (None, None, 0, None)
    assert found.target == MOMENT.message


def test_a_target_is_the_same_by_whatever_property_it_is_named():
    assert (
        fact("Post Liked", network="x", post_id=9).target == fact("Post Unliked", network="x", id="9").target
    )
    assert fact("Tweet", tweet_id="9").item == fact("Post Deleted", network="x", post_id="9").item


def test_replies_to_one_post_are_distinct():
    assert fact("Reply Sent", network="x", post_id="9", reply_id="a").target != (
        fact("Reply Sent", network="x", post_id="9", reply_id="b").target
    )


def test_who_follows_without_naming_anybody_follows_us():
    assert fact("Account Followed", network="x").target == fact("Account Unfollowed", network="x").target


@given(st.dictionaries(st.sampled_from(NAMES), JSON), st.sampled_from(["Post Published", "Account Followed"]))
def test_nothing_that_a_source_sends_makes_it_fail(properties, name):
    found = fact_of(ANCHOR, name, {"network": "x", **properties}, MOMENT)
    if found is not None:
        assert len(found.target) == 16
        assert "\0" not in (found.handle or "") + found.network
