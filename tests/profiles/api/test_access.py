"""Attacks 23 to 35 of the REST API, as far as profiles go: who may ask, in which way, and what errors tell."""

import logging
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from compliance.domain.tokens import create_token, revoke_token
from compliance.domain.users import create_staff
from compliance.models import ApiToken
from profiles.api import people as people_api
from tests.profiles.builder.driver import START
from tests.profiles.people import ALL, reads

LIST = "/api/v1/profiles/"
NOBODY = "7f7101cf-304d-4444-894a-1c6101db9ea9"
PATHS = ["", *(f"{NOBODY}/{part}" for part in ("", "events/", "identifiers/", "merges/", "explain/"))]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_asked_to_present_a_token(path, fresh_database):
    answer = Client().get(LIST + path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Headwater"'
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer hw_wrong",
        "Bearer a b",
        "Basic dXNlcjpwYXNz",
        "bearer hw_",
        "Bearer hw_\xff",
    ],
)
def test_what_is_no_valid_token_is_refused(header, fresh_database):
    assert Client().get(LIST, headers={"Authorization": header}).status_code == 401


def test_revoked_and_expired_tokens_are_refused_at_once(api, client_with):
    token = ApiToken.objects.get()
    assert api.get(LIST).status_code == 200
    revoke_token(token=token, by=ALL, now=START)
    assert api.get(LIST).status_code == 401
    now = timezone.now()
    _, secret = create_token(
        name="short",
        by=ALL,
        now=now - timedelta(days=2),
        scopes=["people.view"],
        expires_at=now - timedelta(days=1),
    )
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get(LIST).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_token_without_the_scope_is_refused_and_the_denial_audited(path, client_with, fresh_database):
    other = client_with("people.search", "pipeline.view")
    answer = other.get(LIST + path)
    assert answer.status_code == 403
    assert "people.view" in answer.json()["detail"]
    assert ("test", "access.denied", 0) in reads()


def test_searching_takes_a_scope_of_its_own(client_with, jane):
    viewer = client_with("people.view")
    assert viewer.get(LIST).status_code == 200
    assert viewer.get(LIST, {"identifier": "user_id:42"}).status_code == 403
    body = {"identifier": "user_id:42"}
    assert viewer.post(f"{LIST}lookup/", body, content_type="application/json").status_code == 403


@pytest.mark.parametrize(
    "query", ["shoe=38", "traits__email=x", "ordering=traits", "format=json", "page=2", "a=jane@example.com"]
)
def test_an_unknown_parameter_is_refused_without_being_repeated(query, api):
    answer = api.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert "jane" not in answer.content.decode()
    assert "identifier" in answer.json()["errors"][0]["message"]


def test_a_parameter_given_twice_is_refused(api):
    assert api.get(f"{LIST}?page_size=1&page_size=2").status_code == 400


def test_a_method_is_what_it_is(api, jane):
    answer = api.post(
        f"{LIST}lookup/", {"identifier": "user_id:42"}, content_type="application/json",
        headers={"X-HTTP-Method-Override": "DELETE"},
    )  # fmt: skip
    assert answer.status_code == 400
    for method in ("post", "put", "patch", "delete"):
        refused = getattr(api, method)(f"{LIST}{jane.public_id}/")
        assert refused.status_code == 405
        assert refused["Content-Type"] == "application/problem+json"


def test_head_and_options_are_what_get_is(api, jane):
    head = api.head(f"{LIST}{jane.public_id}/")
    assert (head.status_code, head.content) == (200, b"")
    options = api.options(f"{LIST}{jane.public_id}/")
    assert options.status_code == 200
    assert options["Allow"] == "GET, HEAD, OPTIONS"
    assert Client().options(LIST).status_code == 401


def test_who_asks_too_often_waits(api, client_with, monkeypatch):
    monkeypatch.setitem(settings.RATE_LIMITS, "token", (0.5, 2))
    assert [api.get(LIST).status_code for _ in range(3)] == [200, 200, 429]
    answer = api.get(LIST, headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "2"
    assert client_with("people.view").get(LIST).status_code == 200  # another caller is not in its way


def test_guessing_tokens_gets_slow(fresh_database, monkeypatch):
    monkeypatch.setitem(settings.RATE_LIMITS, "refusals", (0.1, 2))
    codes = [
        Client()
        .get(LIST, headers={"Authorization": f"Bearer hw_{n}", "X-Forwarded-For": f"203.0.113.{n}"})
        .status_code
        for n in range(4)
    ]
    assert codes == [401, 401, 429, 429]


def test_unknown_addresses_are_problems_too(api):
    for path in ("/api/", "/api/v1/", "/api/v1/people/", "/api/v2/profiles/", f"{LIST}jane@example.com/"):
        for answer in (api.get(path), Client(enforce_csrf_checks=True).post(path)):
            assert answer.status_code == 404
            assert answer["Content-Type"] == "application/problem+json"
            assert "jane" not in answer.content.decode()


def test_a_fault_of_ours_tells_nothing_and_is_logged_without_the_data(api, monkeypatch, caplog):
    data = "jane@example.com"

    def fail(*_args, **_options):
        raise ValueError(data)

    monkeypatch.setattr(people_api, "people", fail)
    with caplog.at_level(logging.ERROR, "headwater.api"):
        answer = api.get(LIST)
    assert answer.status_code == 500
    assert answer.json()["detail"] == "This is a fault of ours; the server's log has the details."
    assert "ValueError" in caplog.text
    assert "jane@example.com" not in caplog.text


def test_without_a_database_the_answer_is_to_come_back(api, monkeypatch):
    def fail(*_args, **_options):
        raise OperationalError("gone")

    monkeypatch.setattr(people_api, "people", fail)
    answer = api.get(LIST)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_staff_who_are_signed_in_may_try_it_out(fresh_database, jane):
    staff = create_staff(
        username="mary", password="correct horse battery", role="marketer", by=ALL, now=START
    )
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    profile = client.get(LIST).json()["results"][0]
    assert "email" in profile["masked"]
    refused = client.post(f"{LIST}lookup/", {"identifier": "user_id:42"}, content_type="application/json")
    assert refused.status_code == 403  # no CSRF token
