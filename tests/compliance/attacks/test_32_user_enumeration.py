"""32 Who has an account cannot be told from what the sign-in answers, nor from how long it takes."""

import re
import time
from statistics import median

import pytest
from django.test import Client

from tests.compliance.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def answer(name: str, password: str = "wrong") -> tuple[int, str]:
    """Without what differs between any two answers."""
    response = Client().post("/admin/login/", {"username": name, "password": password})
    text = re.sub(r'(csrfmiddlewaretoken" value=)"[^"]*"', r"\1", response.content.decode())
    return response.status_code, re.sub(r"<time[^>]*>[^<]*", "", text.replace(name, "NAME"))


def test_unknown_wrong_and_shut_out_are_answered_alike(marketer, administrator):
    administrator.is_active = False
    administrator.save()
    assert answer("nobody") == answer("mia") == answer("ada") == answer("ada", PASSWORD)


def test_names_of_nobody_have_to_wait_alike(marketer):
    for _ in range(4):
        answer("nobody"), answer("mia")
    assert answer("nobody") == answer("mia")
    locked = answer("nobody")
    assert locked == answer("mia") == answer("mia", PASSWORD)
    assert locked[0] == 429


def test_a_password_is_hashed_for_names_of_nobody_too(marketer):
    def seconds(name: str) -> float:
        began = time.thread_time()
        answer(name)
        return time.thread_time() - began

    took = [(seconds("nobody"), seconds("mia")) for _ in range(3)]
    unknown, known = median(a for a, _ in took), median(b for _, b in took)
    assert unknown > known * 0.5
    assert known > unknown * 0.5
