"""Suppressions by programs."""

from uuid import UUID

import pytest

from compliance.domain.suppressing import suppress_together
from compliance.enums import Category
from compliance.models import SuppressedIdentifier
from compliance.suppression import snapshot, suppress
from tests.compliance.conftest import NOW, SYSTEM
from tests.rest import client_with  # noqa: F401 -- fixtures

SUPPRESSIONS = "/api/v1/suppressions/"


@pytest.fixture
def api(client_with, fresh_database):  # noqa: F811
    del fresh_database
    return client_with("suppressions.manage", categories=list(Category))


def _post(client, path: str, body: object, **headers: str):
    return client.post(path, body, content_type="application/json", headers=headers)


def test_an_identifier_is_suppressed_listed_and_lifted_and_its_value_is_in_no_answer(api):
    asked = {"identifier": "email: Jane@Example.com", "reason": "asked for it"}
    made = _post(api, SUPPRESSIONS, asked)
    assert (made.status_code, made.json()) == (201, {"made": True})
    again = _post(api, SUPPRESSIONS, asked)
    assert (again.status_code, again.json()) == (200, {"made": False})
    assert snapshot().has("email", "jane@example.com")
    listed = api.get(SUPPRESSIONS)
    assert b"jane" not in listed.content.lower()
    (row,) = listed.json()["results"]
    assert (row["namespace"], row["reason"], row["by"], row["together"]) == (
        "email",
        "asked for it",
        "test",
        None,
    )
    lift = f"{SUPPRESSIONS}{row['id']}/lift/"
    assert _post(api, lift, {}).json() == {"lifted": 1}
    assert _post(api, lift, {}).status_code == 404
    assert not snapshot()


def test_what_was_suppressed_together_is_lifted_together(api):
    suppress("user_id", "1", by=SYSTEM, now=NOW)
    suppress_together(
        [("user_id", "2"), ("email", "j@example.com")], subject=UUID(int=1), by=SYSTEM, now=NOW, reason=""
    )
    alone, one, _ = SuppressedIdentifier.objects.order_by("id")
    assert _post(api, f"{SUPPRESSIONS}{alone.pk}/lift/", {"together": True}).status_code == 404
    assert _post(api, f"{SUPPRESSIONS}{one.pk}/lift/", {"together": True}).json() == {"lifted": 2}
    assert [row.pk for row in SuppressedIdentifier.objects.all()] == [alone.pk]


def test_the_list_goes_on_by_its_next(api):
    for number in range(5):
        suppress("user_id", str(number), by=SYSTEM, now=NOW)
    seen, address = [], f"{SUPPRESSIONS}?page_size=2"
    while address:
        page = api.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_request_sent_again_with_its_key_changes_nothing(api):
    asked = {"identifier": "user_id:9"}
    first = _post(api, SUPPRESSIONS, asked, **{"Idempotency-Key": "k"})
    again = _post(api, SUPPRESSIONS, asked, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, {"made": True})


@pytest.mark.parametrize(
    "body",
    [
        {}, [], {"identifier": 1}, {"identifier": "email"}, {"identifier": "email:jane at example"},
        {"identifier": "user\0id:7"}, {"identifier": "x" * 41 + ":7"},
        {"identifier": f"user_id:{'x' * 1_000_000}"}, {"identifier": ":7"}, {"identifier": "Jane Miller:7"},
        {"identifier": "user_id:7", "reason": None}, {"identifier": "user_id:7", "reason": "x" * 201},
        {"identifier": "user_id:7", "reason": "\0"}, {"identifier": "user_id:7", "why": "x"},
    ],
)  # fmt: skip
def test_rubbish_is_refused_with_what_is_wrong(api, body):
    answer = _post(api, SUPPRESSIONS, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["detail"]
    assert not SuppressedIdentifier.objects.exists()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{SUPPRESSIONS}?cursor=x", 400), (f"{SUPPRESSIONS}?cursor=99999999999999999999", 400),
        (f"{SUPPRESSIONS}?cursor=9223372036854775807", 200), (f"{SUPPRESSIONS}?page_size=0", 400),
    ],
)  # fmt: skip
def test_addresses_of_the_list_are_checked(api, path, status):
    assert api.get(path).status_code == status


@pytest.mark.parametrize(
    ("body", "status"), [({"together": 1}, 400), ({"x": 1}, 400), ({}, 404), ({"together": True}, 404)]
)
def test_rubbish_lifts_nothing(api, body, status):
    assert _post(api, f"{SUPPRESSIONS}99999999999999999999/lift/", body).status_code == status


def test_it_takes_its_scope(client_with, fresh_database):  # noqa: F811
    del fresh_database
    client = client_with("people.view")
    assert client.get(SUPPRESSIONS).status_code == 403
    assert _post(client, SUPPRESSIONS, {"identifier": "user_id:7"}).status_code == 403
    assert _post(client, f"{SUPPRESSIONS}1/lift/", {}).status_code == 403
