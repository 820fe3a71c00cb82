"""What to call a person, from traits."""

from collections.abc import Mapping
from typing import Any

MAX_NAME = 200
_WAYS = (
    ("name",), ("full_name",), ("fullName",),
    ("first_name", "middle_name", "last_name"), ("firstName", "middleName", "lastName"),
    ("display_name",), ("displayName",), ("username",),
)  # fmt: skip


def name_of(traits: Mapping[str, Any]) -> str:
    """The name that the traits tell, or an empty string."""
    for keys in _WAYS:
        if name := " ".join(filter(None, (_text(traits.get(key)) for key in keys))):
            return name[:MAX_NAME]
    return ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
