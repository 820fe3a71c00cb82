"""37 No other site changes anything in a member of staff's name."""

import pytest
from django.test import Client
from django.urls import get_resolver

from compliance.models import User
from streaming.screens import registered_screens
from tests.compliance.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def victim(administrator) -> Client:
    """Signed in, with Django's check on."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    return client


def test_every_screen_refuses_a_post_without_the_token(victim):
    values = {"int": 1, "uuid": "00000000-0000-0000-0000-000000000000", "slug": "a", "str": "a", "path": "a"}
    asked = 0
    for screen in registered_screens():
        address = "/admin/" + "/".join(
            str(values[part[1:].split(":")[0]]) if part.startswith("<") else part
            for part in screen.path.split("/")
        )
        assert victim.post(address, {"role": "administrator"}).status_code == 403, address
        asked += 1
    assert asked > 100


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/login/code/", "/admin/login/factor/", "/admin/login/password/", "/admin/welcome/", "/admin/logout/"])  # fmt: skip
def test_the_steps_of_signing_in_refuse_it_too(victim, address):
    assert victim.post(address, {"username": "ada", "password": PASSWORD}).status_code == 403


def test_a_token_of_another_visitor_does_not_count(victim, marketer):
    other = Client(enforce_csrf_checks=True)
    other.get("/admin/login/")
    token = other.cookies["csrftoken"].value
    answer = victim.post(f"/admin/settings/users/{marketer.pk}/deactivate/", {"csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert User.objects.get(pk=marketer.pk).is_active


def test_nothing_is_changed_by_a_get(victim, marketer):
    for part in ("deactivate", "roles", "unlock", "password", "factor/reset", "sessions/end", "break-glass"):
        assert victim.get(f"/admin/settings/users/{marketer.pk}/{part}/").status_code == 405, part
    assert User.objects.get(pk=marketer.pk).is_active


def test_no_page_of_ours_is_exempt():
    def views(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield pattern

    exempt = [
        view.callback.__name__
        for view in views(get_resolver().url_patterns)
        if getattr(view.callback, "csrf_exempt", False) and not hasattr(view.callback, "cls")
    ]
    assert exempt == ["nowhere"]  # answers 404 below /api/, whatever is sent
