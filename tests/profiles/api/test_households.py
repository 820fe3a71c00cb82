"""Households over REST, and what an identifier of several people answers."""

import pytest

from profiles.models import Household
from tests.profiles.api.test_facts import address
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of

HOUSEHOLDS = "/api/v1/households/"


@pytest.fixture
def family(builder):
    for minutes, name in enumerate(["Ann", "Bob"]):
        traits = {"email": "both@example.com", "name": name}
        builder.send(event("identify", user_id=name.lower(), minutes=minutes, traits=traits))
    builder.send(event("group", user_id="ann", group_id="acme", minutes=2, traits={"name": "Acme Ltd"}))
    return builder


def id_of(value: str) -> str:
    return str(Household.objects.get(identifier__value=value).public_id)


def test_all_of_them_one_of_them_and_who_belongs_to_it(api, family):
    page = api.get(HOUSEHOLDS, {"kind": "group"}).json()
    acme = {
        "id": id_of("acme"), "kind": "group", "namespace": "group_id", "value": "acme", "name": "Acme Ltd",
        "traits": {"name": "Acme Ltd"}, "member_count": 1, "more_members": False,
        "first_seen": "2026-03-01T12:02:00Z", "since": "2026-03-01T12:02:00Z", "masked": [],
    }  # fmt: skip
    assert page == {"results": [acme], "next": None, "previous": None}
    assert api.get(f"{HOUSEHOLDS}{id_of('acme')}/").json() == acme
    members = api.get(f"{HOUSEHOLDS}{id_of('both@example.com')}/members/").json()["results"]
    assert [(each["profile"]["name"], each["since"]) for each in members] == [
        ("Ann", "2026-03-01T12:00:00Z"), ("Bob", "2026-03-01T12:01:00Z"),
    ]  # fmt: skip


def test_lists_follow_their_pages(api, family):
    found, where = [], f"{HOUSEHOLDS}?page_size=1"
    while where:
        page = api.get(where).json()
        found += [each["value"] for each in page["results"]]
        where = page["next"]
    assert sorted(found) == ["acme", "both@example.com"]
    assert api.get(page["previous"]).json()["results"][0]["value"] == found[0]


def test_what_a_person_belongs_to(api, family):
    page = api.get(address(person_of("user_id", "ann"), "households")).json()
    assert {each["value"] for each in page["results"]} == {"acme", "both@example.com"}


def test_an_identifier_of_several_people_answers_with_what_they_share(api, client_with, family):
    found = api.post(
        "/api/v1/profiles/lookup/", {"identifier": "email:both@example.com"}, content_type="application/json"
    ).json()
    assert (found["results"], found["household"]["id"]) == ([], id_of("both@example.com"))
    assert (
        api.get("/api/v1/profiles/", {"identifier": "group_id:acme"}).json()["household"]["name"]
        == "Acme Ltd"
    )
    assert "household" not in api.get("/api/v1/profiles/", {"identifier": "user_id:ann"}).json()
    assert "household" not in api.get("/api/v1/profiles/", {"identifier": "user_id:nobody"}).json()


def test_what_is_wrong_is_a_problem_document(api, client_with, family):
    assert api.get(HOUSEHOLDS, {"kind": "club"}).status_code == 400
    unknown = api.get(f"{HOUSEHOLDS}{person_of('user_id', 'ann').public_id}/")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")
    assert client_with("people.search").get(HOUSEHOLDS).status_code == 403
    masked = client_with("people.view", categories=["identity"]).get(
        f"{HOUSEHOLDS}{id_of('both@example.com')}/"
    )
    assert masked.json()["value"] is None
