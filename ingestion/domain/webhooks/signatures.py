"""Whether a request is from who knows the secret. Every comparison takes the same time whatever is compared."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime

from ingestion.domain.webhooks.schemes import Proof, Scheme

MAX_SIGNATURES = 10
STANDARD_PREFIX = "whsec_"
_WRONG = "the signature is not that of this body with the secret of this webhook"


class NotProven(Exception):
    """The request does not prove who sends it. `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check(
    scheme: Scheme, secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: datetime
) -> str | None:
    """The id that the sender gave the message, as far as it is signed too. Raises NotProven.

    Any of the secrets will do. Names of headers are in lower case; `body` is as it came.
    """
    if scheme.proof is Proof.ADDRESS:
        return None
    presented = headers.get(scheme.header)
    if presented is None:
        raise NotProven("missing_signature", f"the request has no header {scheme.header}")
    if scheme.proof is Proof.TOKEN:
        _compare([presented.removeprefix("Bearer ").strip()], secrets, "the token is another one")
        return None
    if scheme.proof is Proof.BASIC:
        _compare([presented], [_basic(secret) for secret in secrets], "user name or password are others")
        return None
    return _check_signature(scheme, secrets, headers, body, presented, now)


def crc_answer(secret: str, token: str) -> str:
    """What X expects for its `crc_token`."""
    return "sha256=" + b64encode(hmac.digest(secret.encode(), token.encode(), "sha256")).decode()


def _check_signature(  # noqa: PLR0917 -- what a signature is made of
    scheme: Scheme,
    secrets: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    presented: str,
    now: datetime,
) -> str | None:
    if scheme.content == "{body}":  # most senders, and most of the time that a check takes is building texts
        sent = _signatures(scheme, presented, [])
        _compare(sent, [_signed(scheme, secret, body) for secret in secrets], _WRONG)
        return None
    pairs = _pairs(presented) if scheme.has_pairs else []
    stamp = next((value for key, value in pairs if key == "t"), headers.get(scheme.timestamp_header, ""))
    identity = headers.get(scheme.id_header, "") if scheme.id_header else ""
    before, _, after = (
        scheme.content.replace("{id}", identity).replace("{timestamp}", stamp).partition("{body}")
    )
    content = b"".join((before.encode("latin-1", "replace"), body, after.encode("latin-1", "replace")))
    expected = [_signed(scheme, secret, content) for secret in secrets]
    _compare(_signatures(scheme, presented, pairs), expected, _WRONG)
    if scheme.is_against_replay:
        _check_time(stamp, scheme.tolerance, now)
    return identity or None


def _compare(presented: Sequence[str], expected: Sequence[str], otherwise: str) -> None:
    found = False
    for one in presented:
        for other in expected:
            found |= hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
    if not found:
        raise NotProven("wrong_signature", otherwise)


def _check_time(stamp: str, tolerance: int, now: datetime) -> None:
    """After the signature, so that the time is known to be the sender's."""
    at = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else None  # noqa: PLR2004 -- a date
    if at is None:
        raise NotProven("wrong_timestamp", "the signed time should be in seconds since 1970")
    if abs(now.timestamp() - at) > tolerance:
        raise NotProven(
            "old_signature",
            f"the signed time is more than {tolerance} seconds from ours: an old request, or a clock that is wrong",
        )


def _signatures(scheme: Scheme, presented: str, pairs: Sequence[tuple[str, str]]) -> list[str]:
    if scheme.has_pairs:
        found = [value for key, value in pairs if key == "v1"]
    elif scheme.has_versions:
        found = [part.removeprefix("v1,") for part in presented.split(" ") if part.startswith("v1,")]
    else:
        found = [presented.strip().removeprefix(scheme.prefix)] if presented.startswith(scheme.prefix) else []
    return [each.lower() if scheme.encoding == "hex" else each for each in found[:MAX_SIGNATURES]]


def _pairs(presented: str) -> list[tuple[str, str]]:
    parts = (part.strip().partition("=") for part in presented.split(",")[: MAX_SIGNATURES + 1])
    return [(key, value) for key, _, value in parts]


def _signed(scheme: Scheme, secret: str, content: bytes) -> str:
    digest = hmac.digest(_key(secret, scheme), content, scheme.algorithm)
    return digest.hex() if scheme.encoding == "hex" else b64encode(digest).decode()


def _key(secret: str, scheme: Scheme) -> bytes:
    if scheme.has_versions and secret.startswith(STANDARD_PREFIX):
        try:
            return b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except ValueError:
            return hashlib.sha256(
                secret.encode()
            ).digest()  # a secret that nobody can have typed matches nothing
    return secret.encode()


def _basic(secret: str) -> str:
    return "Basic " + b64encode(secret.encode()).decode()
