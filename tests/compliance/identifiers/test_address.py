"""Postcode and house number, as people of five countries write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.identifiers import normalise, written


@pytest.mark.parametrize(
    ("postcode", "line", "country", "normal"),
    [
        ("1234 AB", "12", "NL", "NL|1234AB|12"),
        ("1234ab", "12 a", "Nederland", "NL|1234AB|12|A"),
        ("NL-1234 AB", "12-A", "nld", "NL|1234AB|12|A"),
        ("1234AB", "Kerkstraat 12-2", "NL", "NL|1234AB|12|2"),
        ("1234AB", "Plein 1944 12 bis", "NL", "NL|1234AB|12|BIS"),
        ("1234AB", "1e Helmersstraat 12 III", "NL", "NL|1234AB|12|III"),
        ("1234AB", "012", "NL", "NL|1234AB|12"),
        ("1000", "Wetstraat 16 bus 4", "BE", "BE|1000|16|4"),
        ("B-1000", "16/4", "Belgique", "BE|1000|16|4"),
        ("10115", "Unter den Linden 77a", "DE", "DE|10115|77|A"),
        ("D-10115", "Straße des 17. Juni 135", "Deutschland", "DE|10115|135"),
        ("SW1A 2AA", "10 Downing Street", "UK", "GB|SW1A2AA|10"),
        ("nw1 6xe", "221B Baker Street", "gb", "GB|NW16XE|221|B"),
        ("SW1A2AA", "Flat 3, 10 Downing Street", "United Kingdom", "GB|SW1A2AA|10|3"),
        ("20500", "1600 Pennsylvania Avenue NW", "US", "US|20500|1600"),
        ("20500-0003", "1600 Pennsylvania Ave NW, Apt 4B", "USA", "US|20500|1600|4B"),
        ("1234AB", "Kerkstraat", "NL", None),
        ("1234AB", "0", "NL", None),
        ("1234AB", "", "NL", None),
        ("0234AB", "12", "NL", None),
        ("SW1A 2AA", "10", "US", None),
        ("1234AB", "12", "XX", None),
        ("1234AB", "1" * 200, "NL", None),
    ],
)
def test_address(postcode, line, country, normal):
    assert normalise("address", f"{postcode}\t{line}\t{country}") == normal


def test_without_a_country_it_is_of_the_namespace_or_the_installation_or_unmistakable(settings):
    assert normalise("address:DE", "10115\t77a\t") == "DE|10115|77|A"
    assert normalise("address", "10115\t77a\t") is None
    settings.PHONE_REGION = "DE"
    assert normalise("address", "10115\t77a\t") == "DE|10115|77|A"
    assert normalise("address", "1234 AB\t12") == "NL|1234AB|12"
    assert normalise("address", "SW1A 2AA\t10") == "GB|SW1A2AA|10"


def test_people_may_write_it_with_commas_or_as_it_is_shown():
    assert normalise("address", "1234 AB, 12 a, NL") == "NL|1234AB|12|A"
    assert normalise("address", "nl|1234 ab|12|a") == "NL|1234AB|12|A"
    assert normalise("address", "NL|1234AB|Kerkstraat 12|A") == "NL|1234AB|12|A"
    assert normalise("address", "NL|1234AB") is None
    assert normalise("address", "1234 AB") is None


@pytest.mark.parametrize(
    ("normal", "shown"),
    [
        ("GB|BT24DH|71", "71, BT2 4DH, GB"),
        ("NL|1234AB|12|A", "12 A, 1234 AB, NL"),
        ("BE|1000|16|4", "16 4, 1000, BE"),
        ("US|20500|1600|4B", "1600 4B, 20500, US"),
        ("US|90210|12345", "90210, 12345, US"),  # either number could be the postcode, so that comes first
        ("BE|1000|9000", "1000, 9000, BE"),
        ("somewhere", "somewhere"),
        ("XX|1234|5", "XX|1234|5"),
    ],
)
def test_it_is_shown_as_people_write_it(normal, shown):
    assert written("address:NL", normal) == shown
    assert written("text", normal) == normal


@given(
    st.sampled_from(["NL|{:04}AB", "BE|{:04}", "DE|{:05}", "US|{:05}", "GB|BT{0}4DH"]),
    st.integers(1, 9999),
    st.integers(1, 99999),
    st.from_regex(r"(\|[A-Z]{0,4}[0-9]{0,4})?", fullmatch=True),
)
def test_what_is_shown_names_the_same_address(form, code, number, addition):
    normal = normalise("address", f"{form.format(code)}|{number}{addition}")
    assert normal is None or normalise("address", written("address", normal)) == normal
