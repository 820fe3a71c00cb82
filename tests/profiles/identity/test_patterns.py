"""Patterns that staff write."""

import time

import pytest

from profiles.identity.patterns import Patterns, UnusablePattern, check_pattern


def test_one_of_them_matches_all_of_the_value():
    patterns = Patterns(["gue.t", r"x\d+|y"])
    assert all(map(patterns.match, ["guest", "x12", "y"]))
    assert not any(map(patterns.match, ["guests", "aguest", "x", "yy", "", "caf\u00e9", "\ud800"]))
    assert not Patterns([]).match("")


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(.*a){20}b", "((a*)*)*b"])
def test_no_pattern_takes_long(pattern):
    started = time.process_time()
    assert not Patterns([pattern]).match("a" * 10_000)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "no look-around and no references back: missing"),
        (r"(?=a)", "no look-around"),
        (r"(a)\1", "no look-around"),
        ("a{2000}", "no look-around"),
        ("a" * 201, "at most 200 characters; this one has 201"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason_and_stops_nothing(pattern, reason):
    with pytest.raises(UnusablePattern, match=reason):
        check_pattern(pattern)
    patterns = Patterns([pattern, "guest"])
    assert patterns.match("guest")
    assert not patterns.match("a")


def test_what_stands_in_a_text_is_the_first_group_or_all():
    text = "\u00fcber K-123456 und 77, K-9"
    assert list(Patterns([r"K-(\d{6})\b", r"\b\d\d\b"]).found(text)) == [(7, 13, "123456"), (18, 20, "77")]
    assert list(Patterns(["x*"]).found("ab")) == []
