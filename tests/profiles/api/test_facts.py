import pytest

from tests.profiles.builder.driver import event
from tests.profiles.people import person_of


def address(profile, tail: str) -> str:
    return f"/api/v1/profiles/{profile.public_id}/{tail}/"


def test_events_come_newest_first(api, jane):
    page = api.get(address(jane, "events")).json()
    assert [each["event"] or each["type"] for each in page["results"]] == [
        "identify", "identify", "Order Completed", "Page Viewed",
    ]  # fmt: skip
    order = page["results"][2]
    assert order.pop("message_id").startswith("m-")
    assert order == {
        "type": "track", "event": "Order Completed", "timestamp": "2026-03-01T12:01:00Z",
        "received_at": "2026-03-01T12:02:00Z", "properties": {"total": 12.5}, "context": {}, "traits": None,
        "source": "source 1", "source_id": 1, "masked": [], "hashed": [],
    }  # fmt: skip


def test_events_are_filtered_and_the_next_page_keeps_the_filter(api, builder):
    builder.send(*(event(user_id="u", minutes=n, name=("A", "B")[n % 2]) for n in range(6)))
    found, where = [], f"{address(person_of('user_id', 'u'), 'events')}?event=A&page_size=2"
    while where:
        page = api.get(where).json()
        found += [each["event"] for each in page["results"]]
        where = page["next"]
    assert found == ["A", "A", "A"]


def test_events_of_a_span_of_time(api, jane):
    span = {"from": "2026-03-01T12:01:00Z", "to": "2026-03-01T13:02:00+01:00"}
    page = api.get(address(jane, "events"), span).json()
    assert [each["event"] for each in page["results"]] == ["Order Completed"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "yesterday"), ("from", "2026-03-01T12:00:00"), ("to", "2026-13-01T00:00:00Z"), ("from", "0001-01-01T00:00:00+01:00"), ("source", "web"),
        ("source", "0"), ("source", "99999999999"), ("page_size", "501"), ("page_size", "1e9"),
        ("page_size", "1000000000"), ("page_size", "-1"), ("page_size", "0"), ("page_size", ""), ("page_size", "²"),
        ("event", "x" * 201), ("event", "\0"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_with_what_it_should_be(name, value, api, jane):
    answer = api.get(address(jane, "events"), {name: value})
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json()["errors"]] == [name]


@pytest.mark.parametrize(
    "time", ["2026-03-01T12:00:00+23:59", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
)
def test_every_time_that_there_is_can_be_asked_for(time, api, jane):
    assert api.get(address(jane, "events"), {"from": time}).status_code == 200
    assert api.get(address(jane, "events"), {"to": time}).status_code == 200


@pytest.mark.parametrize("tail", ["events", "identifiers", "merges"])
def test_a_cursor_that_was_changed_is_refused(tail, api, jane):
    for cursor in ("x", "WzAsMV0:1w", "%00", "9" * 4000):
        answer = api.get(f"{address(jane, tail)}?cursor={cursor}")
        assert answer.status_code == 400, cursor


def test_a_cursor_of_another_list_is_refused(api, jane):
    taken = api.get(address(jane, "identifiers"), {"page_size": 1}).json()["next"].partition("cursor=")[2]
    assert api.get(f"{address(jane, 'identifiers')}?cursor={taken}").status_code == 200
    assert api.get(f"{address(jane, 'events')}?cursor={taken}").status_code == 400


def test_identifiers_have_a_standing(api, jane):
    page = api.get(address(jane, "identifiers")).json()
    assert [(each["namespace"], each["value"], each["standing"]) for each in page["results"]] == [
        ("user_id", "42", "joins"), ("email", "jane@example.com", "joins"), ("anonymous_id", "a1", "joins"),
        ("anonymous_id", "a2", "joins"),
    ]  # fmt: skip


def test_merges_and_the_explanation_tell_why(api, jane):
    (merge,) = api.get(address(jane, "merges")).json()["results"]
    assert merge["target"] == str(jane.public_id)
    assert merge["links"][0]["reason"].startswith("User id 42 and anonymous id a2 were seen together: ")
    assert not merge["undone"]
    explanation = api.get(address(jane, "explain")).json()
    assert len(explanation["holding"]) == 3
    assert explanation["refused"] == []
    assert explanation["holding"][0]["identifiers"][0] == {
        "namespace": "user_id",
        "value": "42",
        "form": "clear",
    }
