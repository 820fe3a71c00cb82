from uuid import uuid4

import pytest

from compliance.suppression import suppress
from profiles.models import Anchor
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, JANE, reads

ALL_OF_IT = {
    "id", "name", "traits", "identifiers", "identifier_count", "segments", "scores", "lifecycle", "first_seen",
    "last_seen", "masked", "hashed",
}  # fmt: skip


def test_a_profile_is_found_by_a_pseudonymous_identifier(api, jane):
    answer = api.get("/api/v1/profiles/", {"identifier": "user_id:42"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    page = answer.json()
    assert (page["next"], page["previous"]) == (None, None)
    (profile,) = page["results"]
    assert set(profile) == ALL_OF_IT
    assert profile["id"] == str(jane.public_id)
    assert profile["traits"] == {**JANE, "plan": "gold"}
    assert profile["identifiers"][0] == {
        "namespace": "user_id", "value": "42", "level": "person", "masked": False, "form": "clear", "first_seen": "2026-03-01T12:02:00Z",
        "since": None,
    }  # fmt: skip
    assert (profile["segments"], profile["scores"]) == ([], {})
    assert (profile["first_seen"], profile["last_seen"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:03:00Z")


def test_nobody_has_an_unknown_identifier(api, jane):
    assert api.get("/api/v1/profiles/", {"identifier": "user_id:43"}).json()["results"] == []


@pytest.mark.parametrize(
    "identifier", ["email:jane@example.com", "phone:+442071838750", "user_id:jane@example.com"]
)
def test_contact_data_in_an_address_is_refused_and_the_look_up_named(identifier, api, jane):
    answer = api.get("/api/v1/profiles/", {"identifier": identifier})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    (error,) = answer.json()["errors"]
    assert error["field"] == "identifier"
    assert "profiles/lookup/" in error["message"]
    assert "jane" not in answer.content.decode()


def test_contact_data_are_looked_up_in_a_body(api, jane):
    body = {"identifier": "email:Jane@Example.com"}
    answer = api.post("/api/v1/profiles/lookup/", body, content_type="application/json")
    assert [each["id"] for each in answer.json()["results"]] == [str(jane.public_id)]


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "null", '{"identifier": 42}', '{"identifier": "user_id:42", "id": 1}', '{"identifier": "x"}',
             '{"identifier": "user_id:\\u0000"}', '{"identifier": "email:' + "x" * 10_000 + '"}']
)  # fmt: skip
def test_a_wrong_look_up_says_what_is_wrong(body, api, jane):
    answer = api.post("/api/v1/profiles/lookup/", body, content_type="application/json")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["title"] == "Bad Request"
    assert "xxx" not in answer.content.decode()


def test_any_id_ever_given_answers_with_the_person_who_holds_it_now(api, jane):
    for birth_id in Anchor.objects.values_list("birth_id", flat=True):
        answer = api.get(f"/api/v1/profiles/{birth_id}/")
        assert (answer.status_code, answer.json()["id"]) == (200, str(jane.public_id))


def test_unknown_and_erased_ids_are_told_apart(api, jane):
    erased = uuid4()
    suppress("profile_id", str(erased), by=ALL, now=START)
    for tail in ("", "events/", "identifiers/", "merges/", "explain/"):
        assert api.get(f"/api/v1/profiles/{uuid4()}/{tail}").status_code == 404
        answer = api.get(f"/api/v1/profiles/{erased}/{tail}")
        assert answer.status_code == 410
        assert answer.json()["detail"] == "The person behind this id was erased."


def test_profiles_come_in_pages_that_lead_to_each_other(api, builder):
    builder.send(*(event(user_id=f"u{number}") for number in range(5)))
    found, address = [], "/api/v1/profiles/?page_size=2"
    pages = []
    while address:
        page = api.get(address).json()
        pages.append(page)
        found += [each["identifiers"][0]["value"] for each in page["results"]]
        address = page["next"]
    assert sorted(found) == ["u0", "u1", "u2", "u3", "u4"]
    assert [len(page["results"]) for page in pages] == [2, 2, 1]
    assert pages[0]["previous"] is None
    assert api.get(pages[2]["previous"]).json()["results"] == pages[1]["results"]


def test_a_token_sees_only_its_categories(client_with, jane):
    marketer = client_with("people.view", "people.search")
    profile = marketer.get("/api/v1/profiles/", {"identifier": "user_id:42"}).json()["results"][0]
    assert profile["traits"] == {"name": "Jane Miller", "city": "Leeds", "plan": "gold"}
    assert sorted(profile["masked"]) == ["diagnosis", "email", "shoe"]
    assert profile["identifiers"][1] | {"first_seen": ""} == {
        "namespace": "email", "value": None, "level": "person", "masked": True, "form": "masked", "first_seen": "", "since": None,
    }  # fmt: skip
    lookup = marketer.post(
        "/api/v1/profiles/lookup/", {"identifier": "email:jane@example.com"}, content_type="application/json"
    )
    assert lookup.status_code == 403


def test_a_read_is_audited_before_the_answer(api, jane):
    api.get("/api/v1/profiles/", {"identifier": "user_id:42"})
    api.get(f"/api/v1/profiles/{jane.public_id}/")
    assert [each for each in reads() if each[0] == "test" and each[1].startswith("person.")] == [
        ("test", "person.lookup", 1), ("test", "person.read", 1),
    ]  # fmt: skip


def test_one_profile_takes_three_statements(api, jane, django_assert_num_queries):
    def ask():
        return api.get("/api/v1/profiles/", {"identifier": "user_id:42"}).json()["results"][0]["id"]

    ask()  # which notes the use of the token, and reads the namespaces
    with django_assert_num_queries(3):  # the token, the profile, the audit row
        assert ask() == str(jane.public_id)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_as_many_statements_however_many_there_are(
    count, api, builder, django_assert_num_queries
):
    builder.send(*(event("identify", user_id=f"u{each}", traits=JANE) for each in range(count)))
    api.get("/api/v1/profiles/")  # which notes the use of the token
    with django_assert_num_queries(5):  # the token, who, whether restricted, the page, the audit row
        assert len(api.get("/api/v1/profiles/").json()["results"]) == count
