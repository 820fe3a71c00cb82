"""40 `next` leads nowhere but here, in any step of signing in."""

import pytest
from django.test import Client

from tests.compliance.conftest import PASSWORD
from tests.compliance.second_factor import with_app

pytestmark = pytest.mark.django_db
ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", r"\\evil.example", r"/\evil.example",
    "http:evil.example", "javascript:alert(1)", " //evil.example", "\t//evil.example", "https:///evil.example",
    "http://testserver@evil.example/", "/%09/evil.example", "data:text/html,x", "/admin/\r\nLocation: //evil.example",
]  # fmt: skip


def is_here(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\")) and "\r" not in address


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_next_of_the_form_stays_here(marketer, goal):
    answer = Client().post("/admin/login/", {"username": "mia", "password": PASSWORD, "next": goal})
    assert answer.status_code == 302
    assert is_here(answer["Location"])


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/"])
def test_next_of_the_address_stays_here(marketer, goal):
    client = Client()
    page = client.get("/admin/login/", {"next": goal})
    assert f'value="{goal}"' not in page.content.decode()
    answer = client.post(f"/admin/login/?next={goal}", {"username": "mia", "password": PASSWORD})
    assert answer["Location"] == "/admin/"


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/"])
def test_next_is_still_here_after_the_second_step(marketer, goal):
    phone, _ = with_app(marketer)
    client = Client()
    client.post("/admin/login/", {"username": "mia", "password": PASSWORD, "next": goal})
    assert client.post("/admin/login/code/", {"code": phone.code(), "next": goal})["Location"] == "/admin/"


def test_a_page_of_ours_is_led_to(marketer):
    client = Client()
    answer = client.post(
        "/admin/login/", {"username": "mia", "password": PASSWORD, "next": "/admin/people/?a=1"}
    )
    assert answer["Location"] == "/admin/people/?a=1"
