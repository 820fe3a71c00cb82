"""Suppressing a person by programs."""

from uuid import uuid4

import pytest

from compliance.models import AuditEntry, SuppressedIdentifier
from compliance.suppression import snapshot
from tests.profiles.people import ALL


@pytest.fixture
def suppressor(client_with, fresh_database):
    del fresh_database
    return client_with(
        "people.view", "suppressions.manage", categories=[each.value for each in ALL.categories]
    )


def _post(client, profile_id, body, **headers: str):
    path = f"/api/v1/profiles/{profile_id}/suppress/"
    return client.post(path, body, content_type="application/json", headers=headers)


def test_a_person_is_suppressed_once_with_a_reason(suppressor, jane):
    answers = [
        _post(suppressor, jane.public_id, {"reason": "asked for it"}, **{"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [(each.status_code, each.json()) for each in answers] == [(200, {"suppressed": 4})] * 2
    assert snapshot().has("email", "jane@example.com")
    assert AuditEntry.objects.get(action="suppression.person").detail["reason"] == "asked for it"
    again = _post(suppressor, jane.public_id, {"reason": "asked for it"})
    assert again.status_code == 409
    assert "Nothing is left to suppress" in again.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [{}, {"reason": " "}, {"reason": 7}, {"reason": "x" * 201}, {"reason": "a\0b"}, {"reason": "x", "y": 1}],
)
def test_without_a_reason_nothing_is_done(suppressor, jane, body):
    answer = _post(suppressor, jane.public_id, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "reason"
    assert not SuppressedIdentifier.objects.exists()


def test_it_takes_its_scope_and_a_person(suppressor, api, jane):
    assert _post(api, jane.public_id, {"reason": "why"}).status_code == 403
    assert _post(suppressor, uuid4(), {"reason": "why"}).status_code == 404
