"""`social/` over REST."""

from profiles.consumers.social import SocialConsumer
from tests.profiles.api.test_facts import address
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import follow
from tests.profiles.people import declares


def post(number: int, **properties):
    return event(
        anonymous_id="a1", user_id="42", minutes=5 + number, name="Post Published",
        properties={"post_id": number, **properties},
    )  # fmt: skip


def test_a_record_for_each_network(api, builder, jane):
    builder.send(post(1, network="twitter", handle="jane", followers=7, reach=20, sentiment=0.5))
    follow(SocialConsumer(), builder)
    page = api.get(address(jane, "social")).json()
    assert page["results"] == [
        {
            "network": "x", "handle": "jane", "followers": 7, "posts": 1, "replies": 0, "likes": 0, "follows": 0,
            "mentions": 0, "reach": 20, "first_at": "2026-03-01T12:06:00Z", "last_at": "2026-03-01T12:06:00Z",
            "sentiment": {"mean": 0.5, "positive": 1, "neutral": 0, "negative": 0}, "masked": [],
        }
    ]  # fmt: skip


def test_networks_come_by_name_page_by_page_and_back(api, builder, jane):
    builder.send(
        *(post(n, network=name) for n, name in enumerate(["x", "mastodon", "reddit", "threads", "ello"]))
    )
    follow(SocialConsumer(), builder)
    found, where = [], f"{address(jane, 'social')}?page_size=2"
    while where:
        page = api.get(where).json()
        found.append([each["network"] for each in page["results"]])
        where = page["next"]
    assert found == [["ello", "mastodon"], ["reddit", "threads"], ["x"]]
    assert [each["network"] for each in api.get(page["previous"]).json()["results"]] == ["reddit", "threads"]


def test_what_a_token_may_not_see_is_null_and_named(client_with, builder, jane):
    builder.send(post(1, network="x", handle="jane"))
    follow(SocialConsumer(), builder)
    (record,) = client_with("people.view", categories=[]).get(address(jane, "social")).json()["results"]
    assert (record["handle"], record["posts"], record["sentiment"]) == (None, None, None)
    assert record["masked"] == ["handle", "followers", "activity", "sentiment", "reach"]


def test_posts_that_may_not_be_used_for_the_purpose_of_a_token_stay_hidden(client_with, builder, jane):
    builder.send(
        post(1, network="x", handle="jane"),
        {**post(2, network="reddit", handle="jane"), "purposes": ["support"]},
    )
    follow(SocialConsumer(), builder)
    declares(jane.public_id, "analytics")
    marketing = client_with("people.view", purpose="analytics")
    records = marketing.get(address(jane, "social")).json()["results"]
    assert {record["network"]: record["posts"] for record in records} == {"x": 1, "reddit": None}
    everything = client_with("people.view").get(address(jane, "social")).json()["results"]
    assert [record["posts"] for record in everything] == [1, 1]
