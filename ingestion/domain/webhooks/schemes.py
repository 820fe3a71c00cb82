"""How senders prove who they are: the schemes that are common, and one that can be described."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

TOLERANCE_S = 300
LONGEST_TOLERANCE_S = 24 * 3600
ALGORITHMS = ("sha256", "sha512", "sha1")
ENCODINGS = ("hex", "base64")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")


class Proof(StrEnum):
    """What a sender shows."""

    SIGNATURE = "signature"
    """An HMAC over the body, with the secret as the key."""
    TOKEN = "token"  # noqa: S105 -- a kind of proof, no secret
    """The secret itself, in a header."""
    BASIC = "basic"
    """User name and password."""
    ADDRESS = "address"
    """Nothing but the secret address."""


class Handshake(StrEnum):
    """How a sender tests the address before it uses it: with GET, or with a payload of its own."""

    NONE = ""
    HUB = "hub"
    """`hub.challenge`, echoed for who knows the verify token (WebSub, Meta)."""
    CRC = "crc"
    """`crc_token`, answered with its HMAC (X)."""
    POSTED = "posted"
    """The `challenge` of a signed payload of the type `url_verification`, echoed (Slack)."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to prove who sends. `content` is what is signed, of {id}, {timestamp} and {body}.

    With `has_pairs` the header has the time and the signatures as pairs (`t=…,v1=…`); with `has_versions` it has
    several signatures as `v1,…`. `tolerance` is how many seconds a signed time may differ from ours.
    """

    title: str
    proof: Proof = Proof.SIGNATURE
    header: str = ""
    prefix: str = ""
    algorithm: str = "sha256"
    encoding: str = "hex"
    content: str = "{body}"
    timestamp_header: str = ""
    id_header: str = ""
    has_pairs: bool = False
    has_versions: bool = False
    tolerance: int = TOLERANCE_S
    handshake: Handshake = Handshake.NONE

    @property
    def is_against_replay(self) -> bool:
        """Whether an old request, sent again, is refused; otherwise it is only recognised as the same message."""
        return "{timestamp}" in self.content


CUSTOM = "hmac"
SCHEMES: dict[str, Scheme] = {
    "standard": Scheme(
        "Standard Webhooks", header="webhook-signature", encoding="base64", content="{id}.{timestamp}.{body}",
        timestamp_header="webhook-timestamp", id_header="webhook-id", has_versions=True,
    ),
    "github": Scheme("GitHub", header="x-hub-signature-256", prefix="sha256="),
    "shopify": Scheme("Shopify", header="x-shopify-hmac-sha256", encoding="base64"),
    "stripe": Scheme("Stripe", header="stripe-signature", content="{timestamp}.{body}", has_pairs=True),
    "slack": Scheme(
        "Slack", header="x-slack-signature", prefix="v0=", content="v0:{timestamp}:{body}",
        timestamp_header="x-slack-request-timestamp", handshake=Handshake.POSTED,
    ),
    "mastodon": Scheme("Mastodon", header="x-hub-signature", prefix="sha256="),
    "meta": Scheme("Meta (Facebook, Instagram, WhatsApp)", header="x-hub-signature-256", prefix="sha256=",
                   handshake=Handshake.HUB),
    "x": Scheme("X", header="x-twitter-webhooks-signature", prefix="sha256=", encoding="base64",
                handshake=Handshake.CRC),
    CUSTOM: Scheme("Another signature (HMAC)", header="x-signature"),
    "token": Scheme("A token in a header", proof=Proof.TOKEN, header="authorization"),
    "basic": Scheme("User name and password", proof=Proof.BASIC, header="authorization"),
    "address": Scheme("Nothing but the secret address", proof=Proof.ADDRESS),
}  # fmt: skip


class BadScheme(ValueError):
    """The settings of the scheme cannot be used; `field` and the message say which and why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def scheme_of(key: str, settings: dict[str, Any]) -> Scheme:
    """The scheme with what a person set of it. Raises BadScheme."""
    if key not in SCHEMES:
        raise BadScheme("scheme", "choose how the sender proves who it is")
    scheme = SCHEMES[key]
    if key == CUSTOM:
        names = ("header", "prefix", "algorithm", "encoding", "content", "timestamp_header")
        given: dict[str, Any] = {name: str(settings[name]) for name in names if settings.get(name)}
        scheme = replace(scheme, **given)
    if scheme.proof is Proof.TOKEN and settings.get("header"):
        scheme = replace(scheme, header=str(settings["header"]))
    scheme = replace(scheme, header=scheme.header.lower(), timestamp_header=scheme.timestamp_header.lower())
    _check(scheme)
    tolerance = settings.get("tolerance", scheme.tolerance)
    if not isinstance(tolerance, int) or not 1 <= tolerance <= LONGEST_TOLERANCE_S:
        raise BadScheme("tolerance", f"a request may be 1 to {LONGEST_TOLERANCE_S:,} seconds old")
    return replace(scheme, tolerance=tolerance)


def _check(scheme: Scheme) -> None:
    if scheme.proof is Proof.ADDRESS:
        return
    for field in ("header", "timestamp_header"):
        name = getattr(scheme, field)
        if (name or field == "header") and not _HEADER.fullmatch(name):
            raise BadScheme(field, "the name of a header has letters, digits and -")
    if scheme.algorithm not in ALGORITHMS:
        raise BadScheme("algorithm", f"choose one of {', '.join(ALGORITHMS)}")
    if scheme.encoding not in ENCODINGS:
        raise BadScheme("encoding", f"choose one of {', '.join(ENCODINGS)}")
    if scheme.content.count("{body}") != 1 or len(scheme.content) > 100:  # noqa: PLR2004 -- more is no template
        raise BadScheme("content", "what is signed names {body} once, such as {timestamp}.{body}")
    if scheme.is_against_replay and not (scheme.timestamp_header or scheme.has_pairs):
        raise BadScheme("timestamp_header", "say in which header the signed time stands")
    if scheme.timestamp_header and not scheme.is_against_replay:
        raise BadScheme(
            "content", "a time that is not signed proves nothing: name {timestamp} in what is signed"
        )
