"""Secrets at rest: logins of other systems, encrypted with a key that is not in the database (docs/adr/0091).

The keys are those of SECRETS_KEY, else a secret file of HEADWATER_HOME. The first encrypts; all of them decrypt, so that
a key can be changed while everything runs. Every process needs the same ones.
"""

import base64
import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretsUnreadable(ValueError):
    """What is stored was encrypted with a key that this process does not have, or was changed."""

    def __init__(self) -> None:
        super().__init__(
            "the stored secrets cannot be read with the keys of this installation: bring back SECRETS_KEY "
            "(or keys/secrets of HEADWATER_HOME), or type them again"
        )


def seal(secrets: Mapping[str, str]) -> str:
    """The secrets, encrypted, as ASCII; of no secrets the empty text."""
    return _cipher().encrypt(json.dumps(dict(secrets)).encode()).decode() if secrets else ""


def unseal(sealed: str) -> dict[str, str]:
    """The secrets that were sealed. Raises SecretsUnreadable."""
    if not sealed:
        return {}
    try:
        secrets: dict[str, str] = json.loads(_cipher().decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        raise SecretsUnreadable from None
    return secrets


def resealed(sealed: str) -> str:
    """The same secrets, encrypted with the newest key. Raises SecretsUnreadable."""
    if not sealed:
        return ""
    try:
        return _cipher().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise SecretsUnreadable from None


def _cipher() -> MultiFernet:
    return _made(tuple(settings.SECRETS_KEYS))


@lru_cache(maxsize=8)
def _made(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(blake2b(key.encode(), person=b"hw secrets", digest_size=32).digest())
