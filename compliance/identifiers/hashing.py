"""Keyed hashes of identifiers, and pseudonyms of people.

The keys are derived from IDENTIFIER_KEY, else from a secret file of HEADWATER_HOME: outside the database, so that
restoring it rewinds nothing, and a copy of it alone tells nobody who is meant. Every process needs the same secret.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from django.conf import settings


def keyed_hash(namespace: str, value: str) -> bytes:
    """Sixteen bytes that stand for this (normalised) value of the namespace and do not tell it."""
    hashing = _begun(settings.IDENTIFIER_KEY, namespace).copy()
    hashing.update(value.encode("utf-8", "surrogatepass"))
    return hashing.digest()


def keyed_hashes(namespace: str, values: Iterable[str]) -> Iterator[bytes]:
    """`keyed_hash` of each; the key is looked up once."""
    begin = _begun(settings.IDENTIFIER_KEY, namespace).copy
    for value in values:
        hashing = begin()
        hashing.update(value.encode("utf-8", "surrogatepass"))
        yield hashing.digest()


def pseudonym(subject: str | UUID) -> UUID:
    """What the audit trail calls the person with this id; of another key than the hashes of identifiers."""
    text = str(subject).lower().encode("utf-8", "surrogatepass")
    return UUID(bytes=blake2b(text, key=_key(settings.IDENTIFIER_KEY, b"audit"), digest_size=16).digest())


def key_for(use: bytes) -> bytes:
    """A key of thirty-two bytes for a use of its own (thirteen bytes at most), which tells nothing of the others."""
    return _key(settings.IDENTIFIER_KEY, use)


def key_fingerprint() -> str:
    """Tells keys apart without telling them: stored beside hashes, so that a lost key is noticed."""
    return _key(settings.IDENTIFIER_KEY, b"fingerprint")[:4].hex()


@lru_cache(maxsize=256)
def _begun(secret: str, namespace: str) -> blake2b:
    """The hash after the namespace: to copy it takes half as long as to begin another one with its key."""
    return blake2b(
        f"{namespace}\0".encode("utf-8", "surrogatepass"), key=_key(secret, b"identifiers"), digest_size=16
    )


@lru_cache(maxsize=16)
def _key(secret: str, use: bytes) -> bytes:
    return blake2b(secret.encode(), person=b"hw " + use, digest_size=32).digest()
