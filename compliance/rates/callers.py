"""Whom requests count for."""

from typing import Any


def caller_of(request: Any) -> str:
    """An API token, or a member of staff, with whatever session."""
    token = getattr(request, "auth", None)
    return f"token {token.pk}" if token else f"user {request.user.pk}"
