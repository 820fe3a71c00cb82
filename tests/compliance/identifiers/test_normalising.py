"""What every normaliser keeps to, and text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.identifiers import MAX_LENGTH, NORMALISERS, UnknownNormaliser, check_normaliser, normalise
from compliance.identifiers.text import mixes_scripts

NAMES = [
    *NORMALISERS, "email:providers", "phone:NL", "mobile:NL", "landline:GB",
    *(f"address:{country}" for country in ("NL", "BE", "DE", "GB", "US")),
]  # fmt: skip
POSTCODES = ("1234 AB", "1000", "10115", "SW1A 2AA", "20500", "20500-0003", "B-1000", "D-10115")


def lines() -> st.SearchStrategy[str]:
    number = st.from_regex(
        r"\d{0,6}[ ./-]{0,2}(?:bus |Apt |bis)?[A-Za-z0-9]{0,5}(?:[ -][A-Za-z0-9]{0,4})?", fullmatch=True
    )
    street = st.sampled_from(
        ["", "Kerkstraat ", "Plein 1944 ", "1e Straat ", "Flat 3, ", "10 Downing Street", "#4 "]
    )
    return st.builds("{}{}".format, street, number)


def addresses() -> st.SearchStrategy[str]:
    countries = st.sampled_from(["", "\t", "\tNL", "\tBelgië", "\tDE", "\tuk", "\tUSA", "\tXX"])
    return st.builds("{}\t{}{}".format, st.sampled_from(POSTCODES), lines(), countries)


def anything() -> st.SearchStrategy[str]:
    return (
        st.text(max_size=40)
        | st.emails()
        | st.emails().map(lambda each: each.replace("@", "+tag@").rpartition("@")[0] + "@GoogleMail.com")
        | st.from_regex(r"\+?[0-9 ()/-]{3,20}", fullmatch=True)
        | addresses()
    )


@settings(max_examples=400)
@given(normaliser=st.sampled_from(NAMES), value=anything())
def test_normalising_twice_is_normalising_once(normaliser, value):
    once = normalise(normaliser, value)
    assert once is None or normalise(normaliser, once) == once


@settings(max_examples=100)
@given(
    normaliser=st.sampled_from(NAMES),
    value=anything(),
    unseen=st.sampled_from("\u200b\u2060\ufeff\u00ad\u202e"),
)
def test_what_nobody_sees_makes_no_other_identifier(normaliser, value, unseen):
    middle = len(value) // 2
    spoilt = unseen + value[:middle] + unseen + value[middle:] + unseen
    assert normalise(normaliser, spoilt) == normalise(normaliser, value)


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("  Cafe\u0301-7 ", "Caf\u00e9-7"),
        ("\u200bu\u200d-4\u206022\ufeff", "u-422"),
        ("\u202eevil\u202c", "evil"),
        ("u\ufe0f1\u034f", "u1"),
        ("\u00a0\u2003u1\u3000", "u1"),
        ("u 1", "u 1"),
        ("'u1'", "'u1'"),
        ("u\x001", "u\ufffd1"),
        ("\ud800u1", None),
        ("\u200b\u2060", None),
        (" \t ", None),
        ("x" * MAX_LENGTH, "x" * MAX_LENGTH),
        ("x" * 10_240, None),
    ],
    ids=ascii,
)
def test_text(value, normal):
    assert normalise("text", value) == normal


def test_lower_case():
    assert normalise("lower", " Cafe\u0301-7 ") == "caf\u00e9-7"


def test_letters_that_look_alike_are_told_and_stay():
    spoilt = "p\u0430ypal-user"
    assert mixes_scripts(spoilt)
    assert normalise("text", spoilt) == spoilt
    assert not any(
        map(mixes_scripts, ["paypal-user", "\u0418\u0432\u0430\u043d 7", "Caf\u00e9", "\u5f20\u4f1f li"])
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("soundex", r"'soundex': choose one of text, lower, email, phone, mobile, landline, address"),
        ("text:NL", r"it takes nothing after a colon"),
        ("email:dots", r"no variant 'dots': it knows providers"),
        ("phone:XX", r"no country 'XX'"),
        ("address:nl", r"no country 'nl' for it: write two letters, as in NL"),
    ],
)
def test_a_normaliser_that_does_not_exist_is_named(name, message):
    for ask in (check_normaliser, lambda each: normalise(each, "x")):
        with pytest.raises(UnknownNormaliser, match=message):
            ask(name)
