"""Keys of anchors and of links: digests, equal for equal identifiers."""

from hashlib import blake2b

from profiles.identity.evidence import Identifier, Link


def anchor_key(
    anonymous: Identifier | None = None, user: Identifier | None = None, other: Identifier | None = None
) -> bytes:
    """The key of the anchor of these identifiers."""
    return _digest("\0".join([_text(anonymous), _text(user), _text(other)]))


def link_key(link: Link, source_id: int, import_id: int) -> bytes:
    """The key of the evidence for this link, whichever end stands first; but who is found in a text stays so."""
    low, high = sorted((link.a, link.b))
    text = f"{_text(low)}\0{_text(high)}\0{link.rule}\0{source_id}\0{import_id}"
    if link.via is not None:
        text += f"\0via {_text(link.via)}"
    if link.place:
        text += f"\0of {_text(link.b)}\0at {link.place}"
    return _digest(text)


def _text(identifier: Identifier | None) -> str:
    # No value has a NUL in it, so that it can stand between them.
    return f"{identifier[0]} {identifier[1]}" if identifier else ""


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
