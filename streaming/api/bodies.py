"""What the body of a request says, read field by field."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ValidationError


def text_of(body: Mapping[Any, Any], name: str, *, most: int, is_needed: bool = False) -> str:
    """The text of this field without the space around it, an empty one when it is left out. Raises ValidationError."""
    text = body.get(name, "")
    if not isinstance(text, str):
        raise ValidationError({name: [f"It must be a text of at most {most} characters."]})
    if len(text) > most:
        raise ValidationError({name: [f"It is too long: send a text of at most {most} characters."]})
    if not is_storable(text):
        raise ValidationError(
            {name: ["It has a NUL, or half of a character, which nothing can keep: leave it out."]}
        )
    if is_needed and not text.strip():
        raise ValidationError({name: [f"It is missing or empty: send a text of 1 to {most} characters."]})
    return text.strip()


def is_storable(text: str) -> bool:
    """Whether the database can keep it: it has no NUL, and no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
