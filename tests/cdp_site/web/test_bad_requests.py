"""What was sent too much of, or cannot be in any text: the page says so, and nothing was changed."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from compliance.models import User
from streaming.screens import registered_screens


@pytest.fixture
def administrator(db) -> Client:
    user = User.objects.create(username="ada", is_staff=True)
    user.groups.add(Group.objects.get(name="administrator"))
    client = Client()
    client.force_login(user)
    return client


def _address(path: str) -> str:
    path = re.sub(r"<int:[^>]+>", "1", path)
    path = re.sub(r"<uuid:[^>]+>", "00000000-0000-4000-8000-000000000001", path)
    return "/admin/" + re.sub(r"<(str|slug|path):[^>]+>", "x", path)


def test_a_nul_is_refused_by_every_screen_with_where_it_stands(administrator):
    administrator.get("/admin/")  # the apps have brought their screens by then
    screens = registered_screens()
    assert len(screens) > 100
    for path in ["/admin/", *(_address(screen.path) for screen in screens)]:
        for answer in (
            administrator.get(f"{path}?some%20field=a%00b"),
            administrator.get(f"{path}?some%20field%00=b"),
            administrator.post(path, {"some field": "a\0b"}),
        ):
            page = answer.content.decode()
            assert answer.status_code == 400, path
            assert "a character that no text has (NUL), in some field" in page, path
            assert "\0" not in page


def test_a_nul_in_an_address_is_refused_too(administrator):
    for path in ("trace/%00/", "topics/a%00/", "connections/streams/1/run%00/"):
        assert administrator.get(f"/admin/{path}").status_code == 400


def test_who_may_not_open_a_screen_is_told_that_first(db):
    client = Client()
    user = User.objects.create(username="mia", is_staff=True)
    user.groups.add(Group.objects.get(name="marketer"))
    client.force_login(user)
    assert client.get("/admin/settings/users/?after=%00").status_code == 403
    assert Client().get("/admin/settings/users/?after=%00").status_code == 302


def test_a_nul_in_an_invitation_is_a_wrong_one(db):
    answer = Client().post(
        "/admin/welcome/", {"username": "a\0", "code": "b\0", "password": "a long password 7"}
    )
    assert answer.status_code == 400
    assert "The name or the code is wrong" in answer.content.decode()


def test_too_much_is_refused_with_the_limit(administrator, settings):
    much = administrator.post(
        "/admin/privacy/suppressions/", {"value": "z" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    )
    assert much.status_code == 400
    assert "More was sent than a form may hold, which is 8 MB" in much.content.decode()
    fields = administrator.post("/admin/privacy/suppressions/", {f"f{number}": "" for number in range(6001)})
    assert "More fields were sent than a form may have, which is 6,000" in fields.content.decode()
    other = administrator.get("/admin/", headers={"Host": "no host at all"})
    assert other.status_code == 400
    assert "load the page again" in other.content.decode()
