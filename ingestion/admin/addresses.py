"""What stands in the addresses of screens: numbers that were typed, and whether a text may stand there at all."""

import re

from django.http import HttpRequest

_CONTACT = re.compile(r"@|(?:\d[\s().-]*){7,}")


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query; None when it is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 -- what bigint holds


def looks_like_contact(text: str) -> bool:
    """Whether a text may be an e-mail address or a phone number, which never stand in an address."""
    return _CONTACT.search(text) is not None
