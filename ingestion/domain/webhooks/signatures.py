"""Whether a request is from who knows the secret. Every comparison takes the same time whatever is compared."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ingestion.domain.webhooks.schemes import Proof, Scheme

MAX_SIGNATURES = 10
STANDARD_PREFIX = "whsec_"
_WRONG = "the signature is not that of this body with the secret of this webhook"
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_HOLES = re.compile(r"(\{id\}|\{timestamp\}|\{body\})")

Headers = Mapping[bytes, bytes]
"""Of a request, by their names in lower case, as they came."""
Sign = Callable[[bytes], bytes]


class NotProven(Exception):
    """The request does not prove who sends it. `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Lock:
    """A scheme with the secrets that open it, any of them. Threads may share it.

    What can be made of a secret once is made here, so that a request costs one pass over its body.
    """

    def __init__(self, scheme: Scheme, secrets: Sequence[str]) -> None:
        self._scheme = scheme
        self._header, self._prefix = scheme.header.encode(), scheme.prefix.encode("latin-1", "replace")
        self._content = [part.encode("latin-1", "replace") for part in _HOLES.split(scheme.content)]
        self._is_body_signed_alone = scheme.content == "{body}"
        self._tokens: list[bytes] = []
        self._signs: list[Sign] = []
        if scheme.proof is Proof.SIGNATURE:
            self._signs = [_signing(scheme, secret) for secret in secrets]
        else:
            self._tokens = [token for secret in secrets for token in _tokens(scheme, secret)]

    def check(self, headers: Headers, body: bytes, *, now: datetime) -> str | None:
        """The id that the sender gave the message, as far as it is signed too. `body` is as it came. Raises NotProven."""
        scheme = self._scheme
        if scheme.proof is Proof.ADDRESS:
            return None
        presented = headers.get(self._header)
        if presented is None:
            raise NotProven("missing_signature", f"the request has no header {scheme.header}")
        if self._is_body_signed_alone and self._signs:  # most senders
            self._compare_signatures(self._sent(presented), body)
            return None
        if self._signs:
            return self._check_whole(headers, body, presented, now)
        if scheme.proof is Proof.TOKEN:
            presented = presented.removeprefix(b"Bearer ").strip()
        if not _is_among([presented], self._tokens):
            raise NotProven("wrong_signature", _OTHER[scheme.proof])
        return None

    def _check_whole(self, headers: Headers, body: bytes, presented: bytes, now: datetime) -> str | None:
        """Check a signature over more than the body: the time, and what the sender calls the message."""
        scheme = self._scheme
        pairs = _pairs(presented) if scheme.has_pairs else []
        stamp = next((value for key, value in pairs if key == b"t"), None)
        if stamp is None:
            stamp = headers.get(scheme.timestamp_header.encode(), b"")
        identity = headers.get(scheme.id_header.encode(), b"") if scheme.id_header else b""
        filled = {b"{id}": identity, b"{timestamp}": stamp, b"{body}": body}
        sent = [value for key, value in pairs if key == b"v1"] if scheme.has_pairs else self._sent(presented)
        self._compare_signatures(sent, b"".join([filled.get(part, part) for part in self._content]))
        if scheme.is_against_replay:
            _check_time(stamp, scheme.tolerance, now)
        return identity.decode("latin-1") or None

    def _sent(self, presented: bytes) -> list[bytes]:
        if self._scheme.has_versions:
            parts = presented.split(b" ")
            return [part.removeprefix(b"v1,") for part in parts if part.startswith(b"v1,")]
        prefix = self._prefix
        return [presented.strip()[len(prefix) :]] if presented.startswith(prefix) else []

    def _compare_signatures(self, sent: list[bytes], content: bytes) -> None:
        if self._scheme.encoding == "hex":
            sent = [each.lower() for each in sent]
        if not _is_among(sent[:MAX_SIGNATURES], [sign(content) for sign in self._signs]):
            raise NotProven("wrong_signature", _WRONG)


def crc_answer(secret: str, token: str) -> str:
    """What X expects for its `crc_token`."""
    return "sha256=" + b64encode(hmac.digest(secret.encode(), token.encode(), "sha256")).decode()


_OTHER = {Proof.TOKEN: "the token is another one", Proof.BASIC: "user name or password are others"}


def _is_among(presented: Iterable[bytes], expected: Sequence[bytes]) -> bool:
    found = False
    for one in presented:
        for other in expected:
            found |= hmac.compare_digest(one, other)
    return found


def _check_time(stamp: bytes, tolerance: int, now: datetime) -> None:
    """After the signature, so that the time is known to be the sender's."""
    at = int(stamp) if stamp.isdigit() and len(stamp) <= 12 else None  # noqa: PLR2004 -- a date
    if at is None:
        raise NotProven("wrong_timestamp", "the signed time should be in seconds since 1970")
    if abs(now.timestamp() - at) > tolerance:
        raise NotProven(
            "old_signature",
            f"the signed time is more than {tolerance} seconds from ours: an old request, or a clock that is wrong",
        )


def _pairs(presented: bytes) -> list[tuple[bytes, bytes]]:
    parts = (part.strip().partition(b"=") for part in presented.split(b",")[: MAX_SIGNATURES + 1])
    return [(key, value) for key, _, value in parts]


def _signing(scheme: Scheme, secret: str) -> Sign:
    """What signs a content with this secret. Its two hashes are begun once and copied, because to begin costs most.

    It is HMAC (RFC 2104) by its definition: `hmac` copies three hashes where two are enough, which takes twice as long.
    """
    inner, outer = hashlib.new(scheme.algorithm), hashlib.new(scheme.algorithm)
    key = _key(secret, scheme)
    if len(key) > inner.block_size:
        key = hashlib.new(scheme.algorithm, key).digest()
    key = key.ljust(inner.block_size, b"\0")
    inner.update(key.translate(_INNER))
    outer.update(key.translate(_OUTER))
    is_hex = scheme.encoding == "hex"

    def sign(content: bytes) -> bytes:
        within, around = inner.copy(), outer.copy()
        within.update(content)
        around.update(within.digest())
        return around.hexdigest().encode() if is_hex else b64encode(around.digest())

    return sign


def _key(secret: str, scheme: Scheme) -> bytes:
    if scheme.has_versions and secret.startswith(STANDARD_PREFIX):
        try:
            return b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except ValueError:
            return hashlib.sha256(
                secret.encode()
            ).digest()  # a secret that nobody can have typed matches nothing
    return secret.encode()


def _tokens(scheme: Scheme, secret: str) -> list[bytes]:
    """What may stand in the header: senders write letters beyond ASCII in either of two encodings."""
    encoded = [secret.encode()]
    if not secret.isascii():
        with suppress(UnicodeEncodeError):
            encoded.append(secret.encode("latin-1"))
    return [b"Basic " + b64encode(each) for each in encoded] if scheme.proof is Proof.BASIC else encoded
