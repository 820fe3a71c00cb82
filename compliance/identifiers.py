"""One form for every value that identifies somebody, and keyed hashes of it. Hot in the collector and the builder.

The keys are derived from IDENTIFIER_KEY, else from a secret file of HEADWATER_HOME: outside the database, so that
restoring it rewinds nothing, and a copy of it alone tells nobody who is meant. Every process needs the same secret.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

import phonenumbers
from django.conf import settings
from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 512  # characters; what is longer identifies nobody
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}"
)


class UnknownNormaliser(ValueError):
    """There is no normaliser of this name."""


def normalise(normaliser: str, value: str) -> str | None:
    """The one form of this value, or None when it identifies nobody. Applying it twice changes nothing more."""
    try:
        function = NORMALISERS[normaliser]
    except KeyError:
        raise UnknownNormaliser(
            f"there is no normaliser {normaliser!r}: choose one of {', '.join(NORMALISERS)}"
        ) from None
    return function(value) if len(value) <= MAX_LENGTH else None


def _text(value: str) -> str | None:
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    return value.strip() or None


def _lower(value: str) -> str | None:
    text = _text(value)
    return text.lower() if text else None


def _email(value: str) -> str | None:
    text = value.strip().lower()
    return text if _PLAIN_EMAIL.fullmatch(text) else _unusual_email(text)


@lru_cache(maxsize=4096)
def _unusual_email(text: str) -> str | None:
    """International and rare addresses: the domain in its ASCII form, the rest composed and in lower case."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return None
    if "." not in found.ascii_domain:
        return None
    return f"{found.local_part.lower()}@{found.ascii_domain.lower()}"


def _phone(value: str) -> str | None:
    return _e164(value.strip(), settings.PHONE_REGION)


@lru_cache(maxsize=65536)
def _e164(text: str, region: str) -> str | None:
    """The number in E.164; one without a country code is read as one of the region."""
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    normal = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    # Of numbers that no plan assigns, some read otherwise once written so: they would be two identifiers.
    return normal if normal == text else _e164(normal, region)


NORMALISERS: Mapping[str, Callable[[str], str | None]] = {
    "text": _text,
    "lower": _lower,
    "email": _email,
    "phone": _phone,
}


def keyed_hash(namespace: str, value: str) -> bytes:
    """Sixteen bytes that stand for this (normalised) value of the namespace and do not tell it."""
    text = f"{namespace}\0{value}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=_key(settings.IDENTIFIER_KEY, b"identifiers"), digest_size=16).digest()


def pseudonym(subject: str | UUID) -> UUID:
    """What the audit trail calls the person with this id; of another key than the hashes of identifiers."""
    text = str(subject).lower().encode("utf-8", "surrogatepass")
    return UUID(bytes=blake2b(text, key=_key(settings.IDENTIFIER_KEY, b"audit"), digest_size=16).digest())


def key_fingerprint() -> str:
    """Tells keys apart without telling them: stored beside hashes, so that a lost key is noticed."""
    return _key(settings.IDENTIFIER_KEY, b"fingerprint")[:4].hex()


@lru_cache(maxsize=16)
def _key(secret: str, use: bytes) -> bytes:
    return blake2b(secret.encode(), person=b"hw " + use, digest_size=32).digest()
