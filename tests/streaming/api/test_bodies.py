"""Texts of a body."""

import pytest
from rest_framework.exceptions import ValidationError

from streaming.api.bodies import is_storable, text_of


def refusal(body, **limits) -> str:
    """What is said of `why`, and of nothing else."""
    with pytest.raises(ValidationError) as refused:
        text_of(body, "why", most=20, **limits)
    assert isinstance(refused.value.detail, dict)
    assert list(refused.value.detail) == ["why"]
    return str(refused.value.detail["why"])


def test_a_text_loses_the_space_around_it():
    assert text_of({"why": "  at the desk \n"}, "why", most=20) == "at the desk"


@pytest.mark.parametrize("body", [{}, {"why": ""}, {"why": "  "}, {"other": "x"}])
def test_a_text_may_be_left_out_unless_it_is_needed(body):
    assert text_of(body, "why", most=20) == ""
    assert "1 to 20 characters" in refusal(body, is_needed=True)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "must be a text"),
        (7, "must be a text"),
        (True, "must be a text"),
        (["x"], "must be a text"),
        ({"a": "x"}, "must be a text"),
        ("x" * 21, "too long"),
        (" " * 21, "too long"),
        ("a\0b", "NUL"),
        ("\0", "NUL"),
        ("a\ud800", "half of a character"),
    ],
)
def test_what_cannot_be_kept_is_refused_under_its_name_and_not_repeated(value, says):
    told = refusal({"why": value})
    assert says in told
    assert str(value) not in told


def test_the_longest_text_that_fits_is_taken():
    assert text_of({"why": "é" * 20}, "why", most=20) == "é" * 20


def test_a_backslash_is_a_character_as_any_other():
    assert is_storable(r"C:\u0000")
