"""What sign-in asks of everybody, it asks of users of the directory too; and what it has for when that is away."""

import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from compliance.domain import break_glass, passwords, second_factors
from compliance.domain.users import UserError
from compliance.models import User, UserSession
from tests.compliance.conftest import NOW, SYSTEM
from tests.compliance.directories import ALICE
from tests.compliance.second_factor import Phone, ask_of, secret_in

pytestmark = pytest.mark.django_db
ENROL = "/admin/login/factor/"


@pytest.fixture
def use(use, settings):
    """With the lock-out before the others, as installations have it."""

    def configure(directory):
        use(directory)
        settings.AUTHENTICATION_BACKENDS = [
            "compliance.lockout.LockoutBackend",
            *settings.AUTHENTICATION_BACKENDS,
        ]

    return configure


def sign_in(name: str, password: str = ALICE) -> tuple[Client, Any]:
    client = Client()
    return client, client.post("/admin/login/", {"username": name, "password": password})


def is_in(client: Client) -> bool:
    return client.get("/admin/inbox/").status_code == 200


def test_a_role_asks_them_for_a_second_factor(use, directory, person):
    use(directory)
    uid = person("marketer")
    ask_of("marketer")
    client, answer = sign_in(uid)
    assert answer["Location"] == ENROL
    assert not is_in(client)
    phone = Phone(secret_in(client.get(ENROL).content.decode()))
    client.post(ENROL, {"code": phone.code(timezone.now() - timedelta(seconds=30))})
    assert is_in(client)
    again, answer = sign_in(uid)
    assert answer["Location"] == "/admin/login/code/"
    assert again.post("/admin/login/code/", {"code": phone.code()})["Location"] == "/admin/"
    assert is_in(again)


def test_no_password_of_ours_is_asked_or_given(use, directory, person):
    use(directory)
    client, _ = sign_in(uid := person("marketer"))
    user = User.objects.get(username=uid)
    assert not passwords.must_change(user, now=timezone.now() + timedelta(days=9999))
    assert "directory" in client.get("/admin/account/").content.decode()
    assert (
        client.post("/admin/account/password/", {"old": ALICE, "new": "x", "again": "x"}).status_code == 400
    )
    with pytest.raises(UserError, match="directory"):
        passwords.give(user=user, by=SYSTEM)
    assert not second_factors.has_one(user)


def test_what_matters_asks_them_for_the_directorys_password(use, directory, person):
    use(directory)
    client, _ = sign_in(person("administrator"))
    UserSession.objects.update(proved_at=None)
    address = "/admin/settings/tokens/new/"
    assert client.post(address, {"_asked": "GET", "_proof": "wrong"}).status_code == 403
    assert client.post(address, {"_asked": "GET", "_proof": ALICE}).status_code == 302


def test_a_name_that_has_to_wait_is_answered_without_the_directory(use, directory, person):
    use(directory)
    uid = person("marketer")
    for _ in range(5):
        sign_in(uid, "wrong")
    with socket.socket() as another:
        another.bind(("127.0.0.1", 0))
        another.listen()
        another.setblocking(False)
        use(replace(directory, urls=(f"ldap://127.0.0.1:{another.getsockname()[1]}",)))
        _, answer = sign_in(uid)
        assert answer.status_code == 429
        with pytest.raises(BlockingIOError):  # nobody has connected
            another.accept()


def test_glass_is_broken_while_the_directory_is_away(use, directory):
    use(replace(directory, urls=("ldap://127.0.0.1:1",)))
    password = break_glass.create(name="safe", by=SYSTEM, now=NOW)
    client, answer = sign_in("break-glass-safe", password)
    assert answer["Location"] == "/admin/"
    assert is_in(client)
