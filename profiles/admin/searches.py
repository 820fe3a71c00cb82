"""What staff searched for, kept in their session under an opaque id: personal data never stands in an address."""

import secrets
from typing import Any, Protocol

_KEY = "people_searches"
MAX_KEPT = 20


class Session(Protocol):
    """What is needed of a session of Django: a dictionary does it too."""

    def get(self, key: str, default: Any, /) -> Any:
        """The value of this key, else the default."""

    def __setitem__(self, key: str, value: Any, /) -> None:
        """Keep the value."""


def keep_search(session: Session, text: str) -> str:
    """Keep the text; return the id to find it by. Only the latest MAX_KEPT stay."""
    kept: dict[str, str] = session.get(_KEY, {})
    name = next((name for name, former in kept.items() if former == text), None) or secrets.token_urlsafe(9)
    latest = {**{key: value for key, value in kept.items() if key != name}, name: text}
    session[_KEY] = dict(list(latest.items())[-MAX_KEPT:])
    return name


def kept_search(session: Session, name: str) -> str | None:
    """The text of this id; None when it is another session's, or was let go."""
    found: str | None = session.get(_KEY, {}).get(name)
    return found
