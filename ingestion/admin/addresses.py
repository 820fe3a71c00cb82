"""What is typed into addresses and forms: numbers, texts, and whether a text may stand in an address at all."""

import re
from collections.abc import Mapping

from django.http import HttpRequest

_CONTACT = re.compile(r"@|(?:\d[\s().-]*){7,}")


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query; None when it is none."""
    return whole_number(request.GET.get(name, ""))


def whole_number(text: str) -> int | None:
    """The number that a text writes, from 0 to what bigint holds; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 -- what bigint holds


def typed(values: Mapping[str, str], name: str, *, limit: int = 200) -> str:
    """A text of a form or a query, without what no database keeps."""
    return values.get(name, "").replace("\0", "").strip()[:limit]


def looks_like_contact(text: str) -> bool:
    """Whether a text may be an e-mail address or a phone number, which never stand in an address."""
    return _CONTACT.search(text) is not None


def looks_like_address(text: str) -> bool:
    """Whether a text that may be all digits holds an e-mail address."""
    return "@" in text
