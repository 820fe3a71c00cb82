"""Identifiers in what people write and say."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.identifiers import normalise
from compliance.identifiers.finding import addresses, emails, phones


def found(kind: str, text: str, country: str = "") -> list[str | None]:
    spans = emails(text) if kind == "email" else (phones if kind == "phone" else addresses)(text, country)
    return [normalise(f"{kind}:{country}" if country else kind, span.value) for span in spans]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Please write to jane@example.com.", ["jane@example.com"]),
        ("(Jane.Doe+x@Example.com), or 'bob@shop.test'!", ["jane.doe+x@example.com", "bob@shop.test"]),
        ("E-mail:jane@example.com;mailto:bob@shop.test", ["jane@example.com", "bob@shop.test"]),
        ("jörg@bücher.example schrieb", ["jörg@xn--bcher-kva.example"]),
        ("thanks @jane and @bob_x, 5 kg @ 3.50", []),
        ("postgres://user:secret@db.example.com/x", []),
        ("@" * 200, []),
        ("nothing", []),
    ],
)
def test_email_addresses(text, values):
    assert found("email", text) == values


@pytest.mark.parametrize(
    ("region", "text", "values"),
    [
        ("NL", "bel me op 06-12345678 of 020 794 6012", ["+31612345678", "+31207946012"]),
        ("NL", "call +44 (0)20 7946 0123 after six", ["+442079460123"]),
        ("", "call +44 20 7946 0123 or 06-12345678", ["+442079460123"]),
        ("NL", "order 1234567890123 of 2026-11-29, 12 pieces", []),
        ("NL", "06-12345678 020 7946012 of 0612345678x", ["+31612345678", "+31207946012"]),
        ("NL", "on 29-11-2026 and 2026-11-29, at 12:30, build 1.2.3.4.5.6.7", []),
        ("NL", "no digits", []),
        ("NL", "1" * 10_000, []),
    ],
)
def test_telephone_numbers(region, text, values):
    assert found("phone", text, region) == values


@pytest.mark.parametrize(
    ("country", "text", "values"),
    [
        ("", "woont op Kerkstraat 12a, 1234 AB Utrecht", ["NL|1234AB|12|A"]),
        ("", "postcode 1234AB, huisnummer 12-2", ["NL|1234AB|12|2"]),
        ("", "I live at 221B Baker Street, London NW1 6XE now", ["GB|NW16XE|221|B"]),
        ("", "deliver to SW1A 2AA number 10 please", ["GB|SW1A2AA|10"]),
        ("DE", "Linden 77a, 10115 Berlin", ["DE|10115|77|A"]),
        ("BE", "Wetstraat 16, 1000 Brussel", ["BE|1000|16"]),
        ("US", "1600 Pennsylvania Avenue NW, Washington, DC 20500", ["US|20500|1600"]),
        ("", "Linden 77a, 10115 Berlin", []),
        ("", "in 2024 at least 12 times, see ISO 9001", []),
    ],
)
def test_addresses(country, text, values):
    assert found("address", text, country) == values


@settings(max_examples=100)
@given(
    text=st.text(max_size=60),
    value=st.sampled_from(["jane@example.com", "+442079460123"]),
    kind=st.sampled_from(["email", "phone"]),
)
def test_a_span_is_what_stands_there(text, value, kind):
    whole = f"{text} {value} {text}"
    spans = emails(whole) if kind == "email" else phones(whole, "")
    for start, end, written in spans:
        assert 0 <= start < end <= len(whole)
        assert kind == "phone" or whole[start:end] == written


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a@",
        "@a.",
        "1",
        "1 ",
        "+1(2)",
        "1234 AB",
        "12 a, ",
        "1 aaaaaaaaaaaaaaaaaaaaaaaaaaa ",
        "SW1A 2AA ",
        "a.b-",
    ],
)
def test_no_text_takes_long(piece):
    text = (piece * 10_000)[:10_000]
    started = time.process_time()
    for search in (lambda: emails(text), lambda: phones(text, "NL"), lambda: addresses(text, "US")):
        list(search())
    assert time.process_time() - started < 1
