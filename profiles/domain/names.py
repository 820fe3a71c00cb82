"""What to call a person, from traits."""

from collections.abc import Mapping
from typing import Any

from compliance.access import Pseudonym

MAX_NAME = 200
_WAYS = (
    ("name",), ("full_name",), ("fullName",),
    ("first_name", "middle_name", "last_name"), ("firstName", "middleName", "lastName"),
    ("display_name",), ("displayName",), ("username",),
)  # fmt: skip


def name_of(traits: Mapping[str, Any]) -> str:
    """The name that the traits tell, or an empty string."""
    for keys in _WAYS:
        if told := list(filter(None, (_text(traits.get(key)) for key in keys))):
            return told[0] if isinstance(told[0], Pseudonym) and len(told) == 1 else " ".join(told)[:MAX_NAME]
    return ""


def _text(value: Any) -> str:
    if isinstance(value, Pseudonym):
        return value
    return " ".join(value.split()) if isinstance(value, str) else ""
