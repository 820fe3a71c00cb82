"""Where whoever signs in comes to, and what is everybody's own whatever their roles allow."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.utils import timezone

from cdp_site.navigation import navigation
from compliance.actors import Actor
from compliance.domain.users import create_staff
from compliance.models import AuditEntry, Role, User

pytestmark = pytest.mark.django_db
PASSWORD = "lanterns-over-water-9"
OWN = [
    "/admin/account/", "/admin/account/password/", "/admin/account/factor/", "/admin/account/access/", "/admin/inbox/",
    "/admin/inbox/bell/", "/admin/settings/notifications/", "/admin/privacy/approvals/",
]  # fmt: skip


def signed_in(role) -> Client:
    create_staff(username="sue", password=PASSWORD, role=role, by=Actor.system("test"), now=timezone.now())
    client = Client()
    assert client.post("/admin/login/", {"username": "sue", "password": PASSWORD}).status_code == 302
    return client


def only(operation) -> str:
    Role.objects.create(group=Group.objects.create(name="narrow"), operations=[operation])
    return "narrow"


@pytest.mark.parametrize(
    ("role", "address"), [("support agent", "/admin/people/"), ("operator", None), ("", "/admin/account/")]
)
def test_whoever_signs_in_comes_to_the_first_page_that_is_theirs(role, address):
    answer = signed_in(role).get("/admin/")
    assert answer.headers.get("Location") == address
    assert answer.status_code == (302 if address else 200)
    assert not AuditEntry.objects.filter(action="access.denied").exists()


@pytest.mark.parametrize("address", OWN)
def test_what_is_ones_own_takes_no_permission(address):
    assert signed_in(only("people.view")).get(address).status_code == 200


def test_home_stands_in_the_navigation_of_those_who_may_see_it():
    shown = signed_in("support agent").get("/admin/account/").content.decode()
    assert 'title="Inbox"' in shown
    assert "Go to Home" not in shown
    request = RequestFactory().get("/admin/account/")
    request.user = User.objects.get(username="sue")
    assert [each.get("title") for each in navigation(request)] == ["People", "Data in", "Privacy", "Settings"]


def test_nobody_sees_them_without_signing_in():
    for address in OWN:
        assert Client().get(address).status_code == 302


def test_a_person_without_permissions_chooses_how_they_are_told(settings):
    client = signed_in("")
    posted = client.post("/admin/settings/notifications/", {"kind:second_factor_reset": "email", "email": ""})
    assert posted.status_code == 302
    shown = client.get("/admin/settings/notifications/").content.decode()
    assert "My second factor was reset" in shown
    assert "A disk is nearly full" not in shown
