"""The consumer `social` on PostgreSQL: the same events make the same accounts, however they arrive."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from profiles.consumers.social import SocialConsumer
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import (
    histories,
    record_of,
    require_same_whatever_the_order,
    run,
    true_now,
)

TABLES = ("profiles_social_account", "profiles_social_item")


_EVENTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    name=st.sampled_from(
        [
            "Post Published",
            "Post Deleted",
            "Post Liked",
            "Post Unliked",
            "Account Followed",
            "Order Completed",
        ]
    ),
    minutes=st.integers(0, 3),
    properties=st.fixed_dictionaries(
        {"network": st.sampled_from(["twitter", "X", "Mastodon"]), "post_id": st.integers(1, 2)},
        optional={
            "handle": st.sampled_from(["jane", "jane_m"]),
            "followers": st.integers(0, 3),
            "sentiment": st.sampled_from([-1, -0.2, 0, "positive"]),
            "reach": st.integers(0, 9),
        },
    ),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(_EVENTS, 10), st.data())
def test_order_batches_and_repetition_change_nothing(kept, records, data):
    require_same_whatever_the_order(SocialConsumer, kept, records, data)


def _send(session: Connection[Any], *events: Any) -> list[dict[str, Any]]:
    batch = run(SocialConsumer(), session, [record_of(each) for each in events])
    return [record["value"] for record in true_now(batch.published).values()]


def test_one_record_for_each_network_says_all_of_it(session):
    said: dict[str, Any] = {"network": "Twitter", "handle": "@jane", "followers": 1200}
    found = _send(
        session,
        event(
            name="Post Published",
            minutes=1,
            properties={**said, "post_id": 1, "reach": 900, "sentiment": 0.5},
        ),
        event(name="Reply Sent", minutes=2, properties={**said, "reply_id": 7, "sentiment": "negative"}),
        event(name="Post Liked", minutes=3, properties={"network": "x", "post_id": 5}),
        event(name="Post Published", minutes=4, properties={"network": "Mastodon"}),
    )
    assert sorted(each["network"] for each in found) == ["mastodon", "x"]
    assert next(each for each in found if each["network"] == "x") == {
        "network": "x", "handle": "jane", "followers": 1200, "posts": 1, "replies": 1, "likes": 1, "follows": 0,
        "mentions": 0, "reach": 900, "first_at": "2026-03-01T12:01:00.000000Z",
        "last_at": "2026-03-01T12:03:00.000000Z",
        "sentiment": {"mean": -0.25, "positive": 1, "neutral": 0, "negative": 1},
    }  # fmt: skip


def test_a_late_unlike_publishes_a_correction_and_a_repetition_nothing(session):
    like = event(name="Post Liked", properties={"network": "x", "post_id": 5})
    unlike = event(name="Post Unliked", minutes=1, properties={"network": "x", "post_id": 5})
    assert _send(session, like)[0]["likes"] == 1
    assert _send(session, unlike)[0]["likes"] == 0
    assert _send(session, like, unlike) == []


def test_nothing_is_kept_of_anchors_that_are_not(kept):
    post = event(name="Post Published", properties={"network": "x"})
    batch = run(SocialConsumer(), kept.connection, [record_of(post, "00000000-0000-4000-8000-00000000dead")])
    assert (batch.published, kept.rows()) == ([], [[], []])


def test_of_other_events_nothing_but_their_beginning_is_read(session):
    """They are most of the log; what is broken behind their name is the business of others."""
    order = record_of(event(name="Order Completed"))
    cut = order._replace(value=order.value[:-40])  # type: ignore[index]
    post = record_of(event(name="Post Published"))
    torn = post._replace(value=post.value[:-40])  # type: ignore[index]
    odd = post._replace(
        value=b'{"v":1,"anchor":"a","event":{"type":"track","event":"Post Published","properties":{"network":"x"}}}'
    )
    batch = run(SocialConsumer(), session, [cut, torn, odd])
    assert [record for record, _ in batch.rejected] == [torn, odd]
