"""Which source a request speaks for: its write key may stand in three places."""

import binascii
from asyncio import AbstractEventLoop
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs

from ingestion.collector.answers import BUSY, NO_KEY, NOT_READY, WRONG_KEY, Refused
from ingestion.collector.watch import ConfigurationWatch, TooManyWaiting
from ingestion.domain.configuration import Configuration
from ingestion.domain.events.limits import MAX_IDENTIFIER


def header_key(authorization: bytes) -> str | None:
    """The key of `Basic base64(key:)` or `Bearer key`."""
    scheme, _, credentials = authorization.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(credentials, validate=False).decode("latin-1").partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None


def query_key(query: bytes) -> str | None:
    """The key of `?writeKey=`."""
    if b"writeKey" not in query:
        return None
    return next(iter(parse_qs(query.decode("latin-1"), max_num_fields=100).get("writeKey", ())), None)


def header_anonymous_id(value: bytes) -> str | None:
    """The anonymous id of RudderStack's header, which is base64; it serves items that have none."""
    try:
        return b64decode(value, validate=True).decode()[:MAX_IDENTIFIER] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


def presented_keys(authorization: bytes | None, query: bytes, document: Any = None) -> list[str]:
    """The keys that a request shows, the strongest place first."""
    keys = [header_key(authorization) if authorization else None, query_key(query)]
    if isinstance(document, dict):
        keys.append(document.get("writeKey"))
    return [key for key in keys if isinstance(key, str) and key]


async def source_of(keys: list[str], watch: ConfigurationWatch, loop: AbstractEventLoop) -> int:
    """The source of the first key that is known. Raises Refused.

    A key that is not in the snapshot may have been made a moment ago: the next snapshot decides. While the database
    is away nobody can say, and a 401 would make the client throw its events away.
    """
    if not keys:
        raise Refused(NO_KEY)
    source_id = _known(keys, watch.current)
    if source_id is not None:
        return source_id
    try:
        if not await watch.refreshed(loop):
            raise Refused(NOT_READY)
    except TooManyWaiting:
        raise Refused(BUSY) from None
    source_id = _known(keys, watch.current)
    if source_id is None:
        raise Refused(WRONG_KEY)
    return source_id


def _known(keys: list[str], configuration: Configuration | None) -> int | None:
    if configuration is None:
        return None
    return next((configuration.by_key[key] for key in keys if key in configuration.by_key), None)
