"""Identifiers that were given to another person, by programs."""

import pytest

from profiles.models import Handover
from tests.profiles.builder.driver import START, event
from tests.profiles.people import person_of

pytestmark = pytest.mark.usefixtures("changes_topic")

HAND_OVER, PHONE = "/api/v1/identifiers/hand-over/", "+31612345678"
DAY = "2026-03-02"


@pytest.fixture
def phone(builder):
    """Ann had the number, and since the next day Bob has it."""
    builder.now = START.replace(day=5)
    builder.send(event("identify", user_id="ann", traits={"phone": PHONE}))
    builder.send(event("identify", user_id="bob", minutes=1440, traits={"phone": PHONE}))
    return builder


def post(client, path: str, body: object, **headers: str):
    return client.post(path, body, content_type="application/json", headers=headers)


def lookup(client) -> list[str]:
    answer = post(client, "/api/v1/profiles/lookup/", {"identifier": f"phone:{PHONE}"})
    return [each["id"] for each in answer.json()["results"]]


def test_it_is_said_once_looked_up_by_the_holder_of_today_and_taken_back(api, phone):
    ann, bob = (str(person_of("user_id", user).public_id) for user in ("ann", "bob"))
    body = {"identifier": f"phone:{PHONE}", "day": DAY, "why": "recycled"}
    first = post(api, HAND_OVER, body, **{"Idempotency-Key": "k1"})
    assert first.status_code == 200, first.content
    assert sorted(first.json()["decided"]["profiles"]) == sorted([ann, bob])
    again = post(api, HAND_OVER, body, **{"Idempotency-Key": "k1"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert post(api, HAND_OVER, body).status_code == 409
    assert lookup(api) == [bob]
    identifiers = api.get(f"/api/v1/profiles/{bob}/identifiers/").json()["results"]
    assert {each["value"] for each in identifiers} == {"bob", PHONE}
    assert [each["since"] for each in identifiers if each["value"] == PHONE] == [DAY]
    back = f"/api/v1/handovers/{first.json()['id']}/take-back/"
    assert post(api, back, {}).status_code == 200
    assert post(api, back, {}).status_code == 409
    assert lookup(api) == []
    assert post(api, "/api/v1/handovers/99/take-back/", {}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"identifier": f"phone:{PHONE}"},
        {"identifier": f"phone:{PHONE}", "day": "yesterday"},
        {"identifier": f"phone:{PHONE}", "day": "2026-02-31"},
        {"identifier": f"phone:{PHONE}", "day": "2999-01-01"},
        {"identifier": 5, "day": DAY},
        {"day": DAY},
        {"identifier": f"phone:{PHONE}", "day": DAY, "else": 1},
        {"identifier": "nothing:1", "day": DAY},
    ],
)
def test_what_is_not_understood_changes_nothing(api, phone, body):
    answer = post(api, HAND_OVER, body)
    assert answer.status_code == 400, answer.content
    assert not Handover.objects.exists()
