"""The tab `Social`, and who may see what of it."""

from typing import Any

import pytest

from compliance.models import AuditEntry
from profiles.consumers.social import SocialConsumer
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import follow


def _text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def active(builder, jane):
    """Jane, who posts from one device and likes from two."""
    said = {"network": "twitter", "handle": "jane_sails", "followers": 1234}
    builder.send(
        event(anonymous_id="a1", user_id="42", minutes=4, name="Post Published",
              properties={**said, "post_id": 1, "sentiment": -0.8, "reach": 5600}),
        event(anonymous_id="a1", user_id="42", minutes=5, name="Post Liked",
              properties={"network": "x", "post_id": 9}),
        event(anonymous_id="a2", user_id="42", minutes=6, name="Post Unliked",
              properties={"network": "x", "post_id": 9}),
        event(anonymous_id="a2", user_id="42", minutes=7, name="Account Followed",
              properties={"network": "Mastodon"}),
    )  # fmt: skip
    follow(SocialConsumer(), builder)
    return jane


def test_a_card_for_each_network_tells_handle_activity_sentiment_and_reach(signed_in, active):
    page = _text(signed_in("administrator").get(f"/admin/people/{active.public_id}/tab/social/"))
    for shown in (
        "<h2>X</h2>",
        "@jane_sails",
        "1.2K",
        "5.6K",
        "Speaks badly of us",
        "1 negative",
        "<h2>Mastodon</h2>",
    ):
        assert shown in page, shown
    assert 'aria-current="page">Social</a>' in page


def test_what_was_taken_back_on_another_device_does_not_count(signed_in, active):
    page = _text(signed_in("administrator").get(f"/admin/people/{active.public_id}/tab/social/"))
    of_x = page[page.index("<h2>X</h2>") :]
    assert "<dt>Likes</dt><dd>0</dd>" in of_x
    assert "<dt>Posts</dt><dd>1</dd>" in of_x


def test_the_handle_is_contact_data_and_the_read_is_kept(signed_in, active):
    page = _text(signed_in("marketer").get(f"/admin/people/{active.public_id}/tab/social/"))
    assert "jane_sails" not in page
    assert "DPO, administrator and support agent may see it" in page
    assert "person.social" in AuditEntry.objects.filter(actor="marketer").values_list("action", flat=True)


def test_without_any_it_says_how_to_send_some(signed_in, jane):
    page = _text(signed_in("administrator").get(f"/admin/people/{jane.public_id}/tab/social/"))
    assert "Nothing on social networks yet" in page
    assert "Post Published" in page
