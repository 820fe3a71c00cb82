"""Only who knows the secret is let in, and an old request is not let in twice."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.domain.webhooks.schemes import SCHEMES, BadScheme, Proof, scheme_of
from ingestion.domain.webhooks.signatures import Lock, NotProven

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
BODY = b'{"id": 1, "text": "\xc3\xa9"}'
WHSEC = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
Signer = Callable[[str, bytes, int], dict[str, str]]


def digest(key: bytes, content: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(key, content, algorithm).digest()


def standard(secret: str, body: bytes, at: int) -> dict[str, str]:
    key = b"0123456789abcdef0123456789abcdef" if secret == WHSEC else hashlib.sha256(secret.encode()).digest()
    signature = b64encode(digest(key, b"msg_1.%d." % at + body)).decode()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1a,AAAA v1,{signature}",
    }


def stripe(secret: str, body: bytes, at: int) -> dict[str, str]:
    return {"stripe-signature": f"t={at},v1=00,v1={digest(secret.encode(), b'%d.' % at + body).hex()},v0=1"}


def slack(secret: str, body: bytes, at: int) -> dict[str, str]:
    signature = digest(secret.encode(), b"v0:%d:" % at + body).hex()
    return {"x-slack-signature": f"v0={signature}", "x-slack-request-timestamp": str(at)}


def in_hex(header: str) -> Signer:
    return lambda secret, body, _at: {header: f"sha256={digest(secret.encode(), body).hex().upper()}"}


def in_base64(header: str, prefix: str = "") -> Signer:
    return lambda secret, body, _at: {header: prefix + b64encode(digest(secret.encode(), body)).decode()}


SIGNERS: dict[str, Signer] = {
    "standard": standard,
    "stripe": stripe,
    "slack": slack,
    "github": in_hex("x-hub-signature-256"),
    "mastodon": in_hex("x-hub-signature"),
    "meta": in_hex("x-hub-signature-256"),
    "shopify": in_base64("x-shopify-hmac-sha256"),
    "x": in_base64("x-twitter-webhooks-signature", "sha256="),
    "hmac": lambda secret, body, _at: {"x-signature": digest(secret.encode(), body).hex()},
    "token": lambda secret, _body, _at: {"authorization": f"Bearer {secret}"},
    "basic": lambda secret, _body, _at: {"authorization": "Basic " + b64encode(secret.encode()).decode()},
}
TIMED = ["standard", "stripe", "slack"]


def prove(key: str, headers: dict[str, str], *secrets: str, body: bytes = BODY, **options: Any) -> str | None:
    scheme = scheme_of(key, options)
    return Lock(scheme, secrets or (secret_of(key),)).check(raw(headers), body, now=NOW)


def raw(headers: dict[str, str]) -> dict[bytes, bytes]:
    return {name.encode(): value.encode("latin-1") for name, value in headers.items()}


def secret_of(key: str) -> str:
    return WHSEC if key == "standard" else "sender:s3cret"


def code_of(key: str, headers: dict[str, str], *secrets: str, body: bytes = BODY) -> str:
    with pytest.raises(NotProven) as caught:
        prove(key, headers, *secrets, body=body)
    assert "s3cret" not in str(caught.value)
    return caught.value.code


def signed(key: str, *, at: datetime = NOW) -> dict[str, str]:
    return SIGNERS[key](secret_of(key), BODY, int(at.timestamp()))


def test_each_scheme_has_a_signer_here() -> None:
    assert {key for key, scheme in SCHEMES.items() if scheme.proof is not Proof.ADDRESS} == set(SIGNERS)


@pytest.mark.parametrize("key", list(SIGNERS))
def test_who_knows_the_secret_is_let_in_and_nobody_else(key: str) -> None:
    headers = signed(key)

    assert prove(key, headers) == ("msg_1" if key == "standard" else None)
    assert code_of(key, {}) == "missing_signature"
    assert code_of(key, headers, "another") == "wrong_signature"
    assert code_of(key, dict.fromkeys(headers, "é\n")) == "wrong_signature"
    if SCHEMES[key].proof is Proof.SIGNATURE:
        assert code_of(key, headers, body=BODY + b" ") == "wrong_signature"


@pytest.mark.parametrize("key", list(SIGNERS))
def test_two_secrets_hold_while_one_is_rotated(key: str) -> None:
    prove(key, signed(key), "the new one", secret_of(key))


@pytest.mark.parametrize("key", ["token", "basic"])
def test_letters_beyond_ascii_are_read_in_either_encoding_that_senders_write(key: str) -> None:
    lock = Lock(SCHEMES[key], ["zoë:grüße"])

    for encoding in ("utf-8", "latin-1"):
        sent = "zoë:grüße".encode(encoding)
        lock.check({b"authorization": b"Basic " + b64encode(sent) if key == "basic" else sent}, BODY, now=NOW)
    with pytest.raises(NotProven):
        lock.check({b"authorization": b"zoe:grusse"}, BODY, now=NOW)


def test_what_a_sender_calls_its_message_is_never_taken_for_a_place_in_what_is_signed() -> None:
    headers = signed("standard")
    for forged in ("{body}", "{timestamp}", "msg_1.{timestamp}"):
        assert code_of("standard", {**headers, "webhook-id": forged}) == "wrong_signature"


def test_any_of_a_few_signatures_will_do_and_many_are_not_tried() -> None:
    at = int(NOW.timestamp())
    good = stripe(secret_of("stripe"), BODY, at)["stripe-signature"].split(",")[2]
    one = {"stripe-signature": ",".join([f"t={at}", *["v1=00"] * 8, good])}
    many = {"stripe-signature": ",".join([f"t={at}", *["v1=00"] * 50, good])}

    prove("stripe", one)
    assert code_of("stripe", many) == "wrong_signature"


@pytest.mark.parametrize("key", TIMED)
def test_an_old_request_or_one_of_the_future_is_refused(key: str) -> None:
    prove(key, signed(key, at=NOW - timedelta(seconds=299)))

    for distance in (timedelta(seconds=-301), timedelta(seconds=301), timedelta(days=-3650)):
        assert code_of(key, signed(key, at=NOW + distance)) == "old_signature"


@pytest.mark.parametrize("key", TIMED)
def test_the_time_is_part_of_what_is_signed(key: str) -> None:
    old = str(int((NOW - timedelta(hours=1)).timestamp()))
    headers = {
        name: value.replace(old, str(int(NOW.timestamp())))
        for name, value in signed(key, at=NOW - timedelta(hours=1)).items()
    }

    assert code_of(key, headers) == "wrong_signature"


def test_a_signature_of_ones_own_kind_can_be_described() -> None:
    at = int(NOW.timestamp())
    content = b"%d.%s" % (at, BODY)
    headers = {"x-acme": "k=" + b64encode(digest(b"s", content, "sha512")).decode(), "x-time": str(at)}
    options: dict[str, Any] = {
        "header": "X-Acme", "prefix": "k=", "algorithm": "sha512", "encoding": "base64",
        "content": "{timestamp}.{body}", "timestamp_header": "X-Time",
    }  # fmt: skip

    prove("hmac", headers, "s", **options)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"header": "bad header"}, "header"),
        ({"algorithm": "md5"}, "algorithm"),
        ({"encoding": "rot13"}, "encoding"),
        ({"content": "nothing"}, "content"),
        ({"content": "{timestamp}{body}"}, "timestamp_header"),
        ({"timestamp_header": "x-time"}, "content"),
        ({"tolerance": 0}, "tolerance"),
        ({"tolerance": "5"}, "tolerance"),
    ],
)
def test_settings_that_make_no_scheme_say_so_at_the_field(options: dict[str, Any], field: str) -> None:
    with pytest.raises(BadScheme) as caught:
        scheme_of("hmac", options)
    assert caught.value.field == field


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(SIGNERS)),
    st.text(st.characters(max_codepoint=255), max_size=80),
    st.text(st.characters(max_codepoint=255), max_size=20),
    st.binary(max_size=40),
)
def test_no_header_and_no_body_gets_in_without_the_secret(
    key: str, value: str, stamp: str, body: bytes
) -> None:
    scheme = SCHEMES[key]
    headers = {scheme.header: scheme.prefix + value, scheme.timestamp_header: stamp, "webhook-id": value}

    with pytest.raises(NotProven):
        Lock(scheme, ["a secret that nobody types"]).check(raw(headers), body, now=NOW)


@settings(deadline=None)
@given(
    st.text(min_size=1, max_size=300), st.binary(max_size=300), st.sampled_from(["sha1", "sha256", "sha512"]),
    st.sampled_from(["hex", "base64"]),
)  # fmt: skip
def test_any_secret_signs_any_body_as_hmac_does(
    secret: str, body: bytes, algorithm: str, encoding: str
) -> None:
    lock = Lock(scheme_of("hmac", {"algorithm": algorithm, "encoding": encoding}), [secret])
    signed = hmac.digest(secret.encode(), body, algorithm)
    header = signed.hex().encode() if encoding == "hex" else b64encode(signed)
    assert lock.check({b"x-signature": header}, body, now=NOW) is None
    with pytest.raises(NotProven):
        lock.check({b"x-signature": header}, body + b".", now=NOW)
