"""Ids for what comes without one: of the event from its content, of the person from a contact or a click."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from compliance.identifiers import keyed_hash, normalise
from ingestion.domain.events.limits import MAX_MESSAGE_ID
from ingestion.domain.mappings.plain import plain

CONTACTS = ("email", "phone")
CLICK = "click_id"
_HASH_BYTES = 16
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def content_id(record: Any) -> str:
    """The same text for the same content, whatever the order of its keys. Raises PartFailed when it is too large."""
    try:
        content = orjson.dumps(record, option=_SORTED, default=plain)
    except TypeError:  # what the encoder refuses: numbers beyond 64 bits, halves of an emoji, too much depth
        content = orjson.dumps(plain(record), option=_SORTED)
    return blake2b(content, digest_size=_HASH_BYTES).hexdigest()


def message_id(text: str) -> str:
    """The text as a message id, its hash when it is too long for one."""
    if len(text) <= MAX_MESSAGE_ID:
        return text
    return blake2b(text.encode("utf-8", "replace"), digest_size=_HASH_BYTES).hexdigest()


def contact_id(traits: Mapping[str, Any]) -> str | None:
    """An id that says nothing, for a person who is known by a contact only: the same one wherever it comes from."""
    for namespace in CONTACTS:
        value = traits.get(namespace)
        usable = normalise(namespace, value) if isinstance(value, str) else None
        if usable:
            return f"{namespace}-{keyed_hash(namespace, usable).hex()[:32]}"
    return None


def click_id(context: Mapping[str, Any]) -> str | None:
    """Likewise for somebody of whom nothing is known but a click or a view of an advertisement."""
    campaign = context.get("campaign")
    value = campaign.get(CLICK) if isinstance(campaign, dict) else None
    return f"click-{keyed_hash(CLICK, value).hex()[:32]}" if isinstance(value, str) and value else None
