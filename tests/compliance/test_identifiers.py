import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.identifiers import (
    NORMALISERS,
    UnknownNormaliser,
    key_fingerprint,
    keyed_hash,
    normalise,
    pseudonym,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("  Jane.Doe+News@Example.COM ", "jane.doe+news@example.com"),
        ("jane@shop.test", "jane@shop.test"),
        ("JÖRG@Bücher.example", "jörg@xn--bcher-kva.example"),
        ("jörg@bücher.example", "jörg@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        ("jane@localhost", None),
        ("jane..doe@example.com", None),
        ("jane doe@example.com", None),
        ("Jane <jane@example.com>", None),
        ("example.com", None),
        ("@example.com", None),
        ("", None),
        ("x" * 300 + "@" + "y" * 300 + ".com", None),
    ],
)
def test_email(value, normal):
    assert normalise("email", value) == normal


@pytest.mark.parametrize(
    ("region", "value", "normal"),
    [
        ("", "+44 20 7946 0123", "+442079460123"),
        ("", "+44 (0)20 7946 0123", "+442079460123"),
        ("", "+442079460123", "+442079460123"),
        ("", "tel:+44-20-7946-0123;ext=5", "+442079460123"),
        ("", "020 7946 0123", None),
        ("GB", "020 7946 0123", "+442079460123"),
        ("GB", "+49 30 901820", "+4930901820"),
        ("GB", "12", None),
        ("GB", "no number", None),
        ("GB", "", None),
    ],
)
def test_phone(settings, region, value, normal):
    settings.PHONE_REGION = region
    assert normalise("phone", value) == normal


def test_text_keeps_its_case_and_composes_its_letters():
    assert normalise("text", "  Cafe\u0301-7 ") == "Caf\u00e9-7"
    assert normalise("lower", " Cafe\u0301-7 ") == "caf\u00e9-7"
    assert normalise("text", " \t ") is None
    assert normalise("text", "x" * 513) is None


def test_a_normaliser_that_does_not_exist_is_named():
    with pytest.raises(UnknownNormaliser, match=r"'soundex': choose one of text, lower, email, phone"):
        normalise("soundex", "x")


@settings(max_examples=300)
@given(
    normaliser=st.sampled_from(sorted(NORMALISERS)),
    value=st.text(max_size=40) | st.emails() | st.from_regex(r"\+?[0-9 ()/-]{3,20}", fullmatch=True),
)
def test_normalising_twice_is_normalising_once(normaliser, value):
    once = normalise(normaliser, value)
    assert once is None or normalise(normaliser, once) == once


def test_a_hash_tells_neither_the_value_nor_the_namespace():
    assert len(keyed_hash("email", "jane@example.com")) == 16
    assert keyed_hash("email", "jane@example.com") == keyed_hash("email", "jane@example.com")
    assert keyed_hash("user_id", "jane@example.com") != keyed_hash("email", "jane@example.com")
    assert keyed_hash("a", "b\0c") != keyed_hash("ab", "c")
    assert keyed_hash("user_id", "\ud800")


def test_another_key_gives_other_hashes(settings):
    before = keyed_hash("email", "jane@example.com"), pseudonym("p"), key_fingerprint()
    settings.IDENTIFIER_KEY = "another secret of the installation"
    after = keyed_hash("email", "jane@example.com"), pseudonym("p"), key_fingerprint()
    assert not set(before) & set(after)


def test_a_pseudonym_is_no_hash_of_an_identifier_and_ignores_how_an_id_is_written():
    person = uuid.uuid4()
    assert pseudonym(person) == pseudonym(str(person).upper())
    assert pseudonym("x").bytes != keyed_hash("", "x")


def test_every_process_has_the_same_key(settings):
    code = "import django; django.setup(); from compliance.identifiers import keyed_hash; print(keyed_hash('email', 'a@b.example').hex())"
    environment = {
        "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "HEADWATER_HOME": str(settings.HEADWATER_HOME),
        "PATH": "",
    }
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.strip() == keyed_hash("email", "a@b.example").hex()
    kept = Path(settings.HEADWATER_HOME) / "keys" / "identifiers"
    assert kept.stat().st_mode & 0o077 == 0
