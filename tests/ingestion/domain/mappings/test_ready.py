"""Ready mappings, from payloads in the shape of the senders' documentation to what profiles show of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingestion.domain.events import Envelope, accept_item
from ingestion.domain.mappings import compile_mapping
from ingestion.domain.mappings.ready import ready_mappings
from ingestion.domain.webhooks.schemes import SCHEMES
from profiles.moments import Moment
from profiles.social.account import Account
from profiles.social.combining import value_of
from profiles.social.facts import fact_of

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
PAYLOADS = Path(__file__).with_name("payloads")


def events(key: str, name: str) -> list[dict[str, Any]]:
    """The events that the collector takes of a payload."""
    payload = json.loads((PAYLOADS / f"{name}.json").read_text())
    mapping = compile_mapping(json.loads(ready_mappings()[key].document))
    mapped = [mapping.map(record) for record in (payload if isinstance(payload, list) else [payload])]
    assert [problem for each in mapped for problem in each.problems] == []
    envelope = Envelope(source_id=1, received_at=NOW)
    return [dict(accept_item(item, envelope)) for each in mapped for item in each.items]


def social(found: list[dict[str, Any]]) -> dict[str, Any]:
    """What the consumer `social` makes of the events of one person."""
    account = Account("a", found[0]["properties"]["network"])
    items: dict[Any, Any] = {}
    for number, event in enumerate(found):
        fact = fact_of("a", event["event"], event["properties"], Moment(number, bytes([number]) * 16))
        assert fact is not None
        account.take(fact, items)
    return value_of(account)


@pytest.mark.parametrize("key", list(ready_mappings()))
def test_each_can_be_used(key: str) -> None:
    ready = ready_mappings()[key]

    compile_mapping(json.loads(ready.document))
    assert ready.scheme in SCHEMES
    assert ready.title
    assert ready.about


def test_statuses_and_notifications_of_mastodon() -> None:
    [post] = events("mastodon", "mastodon_status")
    [reply] = events("mastodon", "mastodon_reply")
    [mention] = events("mastodon", "mastodon_notification")

    assert (post["event"], post["anonymous_id"]) == (
        "Post Published",
        "mastodon-https://social.example/@jane",
    )
    assert post["timestamp"] == "2026-11-02T10:30:59.000000Z"
    assert reply["anonymous_id"] == mention["anonymous_id"]
    assert social([post]) | {"first_at": "", "last_at": ""} == {
        "network": "mastodon", "handle": "jane", "followers": 412, "posts": 1, "replies": 0, "likes": 0, "follows": 0,
        "mentions": 0, "reach": 0, "sentiment": None, "first_at": "", "last_at": "",
    }  # fmt: skip
    omar = social([reply, mention])
    assert (omar["handle"], omar["followers"], omar["replies"], omar["mentions"]) == (
        "omar@other.example",
        57,
        1,
        1,
    )


def test_tweets_with_their_authors_metrics_and_references() -> None:
    post, reply = events("x", "x_search")
    [streamed] = events("x", "x_stream")

    jane, omar = social([post, streamed]), social([reply])

    assert (jane["handle"], jane["followers"], jane["posts"], jane["reach"]) == ("jane_camps", 1200, 2, 940)
    assert (omar["handle"], omar["replies"], omar["reach"]) == ("omar", 1, 31)
    assert reply["properties"]["in_reply_to"] == "1853000000000000001"
    assert post["anonymous_id"] == streamed["anonymous_id"] == "x-2244994945"


def test_notes_of_calls_are_about_who_called() -> None:
    note, ended = events("call_notes", "call_notes")

    assert note["event"] == "Call Note Added"
    assert note["properties"]["note"].startswith("Wants a place")
    assert note["context"]["traits"] == {"phone": "+31 6 12 34 56 78", "email": "jane@example.com"}
    assert note["anonymous_id"] == ended["anonymous_id"]
    assert ended["properties"]["duration"] == 840
    assert ended["properties"]["answered"] is True


def test_clicks_and_views_of_advertisements_are_known_by_their_ids() -> None:
    google, meta, view, row = events("ads", "ads_click")

    ids = [event["context"]["campaign"]["click_id"] for event in (google, meta, view, row)]
    assert ids == ["Cj0KCQiA_example", "IwAR0example", "imp-77", "Cj0KCQiA_row"]
    assert [event["event"] for event in (google, meta, view, row)] == [
        "Ad Clicked",
        "Ad Clicked",
        "Ad Viewed",
        "Ad Clicked",
    ]
    assert google["anonymous_id"] == "v-1"
    assert meta["anonymous_id"].startswith("click-")
    assert [google["properties"]["network"], meta["properties"]["network"]] == ["google", "meta"]
    assert row["properties"]["keyword"] == "campsite lake"


def test_answers_to_an_nps_survey() -> None:
    [answer] = events("nps", "nps")

    assert answer["properties"] == {
        "score": 9, "group": "promoter", "feedback": "Clean and quiet", "survey_id": "5435", "tags": ["summer"],
    }  # fmt: skip
    assert answer["context"]["traits"] == {"email": "jane@example.com", "name": "Jane Doe"}
