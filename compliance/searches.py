"""What staff search for, kept in their session under an opaque id: personal data never stands in an address.

Nor do names of events and properties: they are what sources send, and somebody's name may stand in one.
"""

import secrets
from typing import Any, Protocol

MAX_KEPT = 20


class Session(Protocol):
    """What is needed of a session of Django: a dictionary does it too."""

    def get(self, key: str, default: Any, /) -> Any:
        """The value of this key, else the default."""

    def __setitem__(self, key: str, value: Any, /) -> None:
        """Keep the value."""


def keep_search(session: Session, kind: str, text: str) -> str:
    """Keep the text; return the id to find it by. Only the latest MAX_KEPT of a kind stay."""
    kept: dict[str, str] = session.get(_key(kind), {})
    name = next((name for name, former in kept.items() if former == text), None) or secrets.token_urlsafe(9)
    latest = {**{key: value for key, value in kept.items() if key != name}, name: text}
    session[_key(kind)] = dict(list(latest.items())[-MAX_KEPT:])
    return name


def kept_search(session: Session, kind: str, name: str) -> str | None:
    """The text of this id; None when it is another session's, or was let go."""
    found: str | None = session.get(_key(kind), {}).get(name)
    return found


def _key(kind: str) -> str:
    return f"{kind}_searches"
