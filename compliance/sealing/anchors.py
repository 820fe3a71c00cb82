"""Anchors: signed statements of how far the chain was and how it ended, kept where the database's owner cannot reach.

Each is one line of JSON. It is signed with a key that is derived from IDENTIFIER_KEY, which does not stand in the database.
Whoever rewrites the whole chain, with all its hashes, cannot make it end as an anchor says it did.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from compliance.identifiers import key_for
from compliance.sealing.sealer import head

VERSION = 1
LONGEST_LINE = 2000


class BadAnchor(ValueError):
    """A line is no anchor, or (`is_ours`) one that says it is this installation's and is not signed with its key."""

    def __init__(self, *, is_ours: bool) -> None:
        super().__init__()
        self.is_ours = is_ours


@dataclass(frozen=True, slots=True)
class Anchor:
    """At this time the chain had so many rows, and the last of them this hash (hexadecimal)."""

    version: int
    installation: str
    at: str
    seq: int
    count: int
    hash: str

    @property
    def hash_bytes(self) -> bytes:
        """The hash as it stands in the database."""
        return bytes.fromhex(self.hash)


@dataclass(slots=True)
class Anchors:
    """The anchors of this installation among some lines, the numbers of lines that were changed, and how many are none."""

    anchors: list[Anchor] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unreadable: int = 0


def current_anchor(*, now: datetime) -> Anchor:
    """What can be said of the chain now. Places have no gap, so that the last is the number of rows."""
    seq, hashed = head()
    at = now.astimezone(UTC).isoformat(timespec="seconds")
    return Anchor(VERSION, installation(), at, seq, seq, hashed.hex())


def installation() -> str:
    """Tells installations apart: which one an anchor is of."""
    return key_for(b"installation")[:8].hex()


def line(anchor: Anchor) -> str:
    """The anchor as it is delivered, with its signature, without a break."""
    return json.dumps({**asdict(anchor), "signature": _signature(anchor)}, separators=(",", ":"))


def read_lines(lines: Iterable[str]) -> Anchors:
    """What the lines hold, in their order; what stands before the JSON, as a syslog server writes it, does not matter."""
    found = Anchors()
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            anchor = _read(text)
        except BadAnchor as error:
            found.changed += [number] * error.is_ours
            found.unreadable += not error.is_ours
            continue
        if anchor is not None:
            found.anchors.append(anchor)
    return found


def _read(text: str) -> Anchor | None:
    """The anchor of a line, None when it is another installation's. Raises BadAnchor."""
    beginning = text.find("{")
    try:
        given = dict(json.loads(text[beginning:] if beginning >= 0 and len(text) <= LONGEST_LINE else ""))
        signature = str(given.pop("signature"))
        anchor = Anchor(**given)
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadAnchor(is_ours=False) from error
    if anchor.installation != installation():
        return None
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(anchor).encode()):
        raise BadAnchor(is_ours=True)
    return anchor


def _signature(anchor: Anchor) -> str:
    content = json.dumps(asdict(anchor), sort_keys=True, separators=(",", ":"))
    return hmac.digest(key_for(b"anchors"), content.encode(), "sha256").hex()
