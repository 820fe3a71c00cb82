"""39 Session fixation, and a cookie that was copied."""

import pytest
from django.test import Client

from compliance.domain import sessions
from tests.compliance.conftest import PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
COOKIE = "sessionid"


def sign_in(client: Client, username: str = "mia") -> None:
    assert client.post("/admin/login/", {"username": username, "password": PASSWORD}).status_code == 302


def with_cookie(value: str) -> Client:
    client = Client()
    client.cookies[COOKIE] = value
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def test_a_key_that_was_put_before_the_sign_in_opens_nothing(marketer):
    planted = Client().session
    planted["x"] = 1
    planted.save()
    assert planted.session_key
    victim = with_cookie(planted.session_key)
    sign_in(victim)
    assert victim.cookies[COOKIE].value != planted.session_key
    assert not is_in(with_cookie(planted.session_key))
    assert is_in(victim)


def test_a_made_up_key_is_never_taken_over(marketer):
    victim = with_cookie("a" * 32)
    sign_in(victim)
    assert victim.cookies[COOKIE].value != "a" * 32


def test_the_key_changes_when_the_same_person_signs_in_again(marketer):
    client = Client()
    sign_in(client)
    former = client.cookies[COOKIE].value
    sign_in(client)
    assert client.cookies[COOKIE].value != former
    assert not is_in(with_cookie(former))


def test_the_key_changes_when_somebody_else_signs_in(marketer, administrator):
    client = Client()
    sign_in(client)
    former = client.cookies[COOKIE].value
    sign_in(client, "ada")
    assert client.cookies[COOKIE].value != former
    assert not is_in(with_cookie(former))


def test_a_stolen_cookie_is_out_at_its_next_request_once_the_session_is_ended(marketer):
    client = Client()
    sign_in(client)
    thief = with_cookie(client.cookies[COOKIE].value)
    assert is_in(thief)
    sessions.end_own(user=marketer, by=SYSTEM, why="")
    assert not is_in(thief)
    assert thief.get("/api/v1/profiles/").status_code in (401, 403)


def test_a_stolen_cookie_is_out_once_its_owner_signs_out(marketer):
    client = Client()
    sign_in(client)
    thief = with_cookie(client.cookies[COOKIE].value)
    client.post("/admin/logout/")
    assert not is_in(thief)
