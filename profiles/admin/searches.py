"""What staff searched for, kept in their session under an opaque id: personal data never stands in an address."""

import secrets

from django.contrib.sessions.backends.base import SessionBase

_KEY = "people_searches"
MAX_KEPT = 20


def keep_search(session: SessionBase, text: str) -> str:
    """Keep the text; return the id to find it by. Only the latest MAX_KEPT stay."""
    kept: dict[str, str] = session.get(_KEY, {})
    name = next((name for name, former in kept.items() if former == text), None) or secrets.token_urlsafe(9)
    latest = {**{key: value for key, value in kept.items() if key != name}, name: text}
    session[_KEY] = dict(list(latest.items())[-MAX_KEPT:])
    return name


def kept_search(session: SessionBase, name: str) -> str | None:
    """The text of this id; None when it is another session's, or was let go."""
    found: str | None = session.get(_KEY, {}).get(name)
    return found
