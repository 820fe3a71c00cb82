"""What is typed into addresses and forms: numbers, texts, and whether a text may stand in an address at all."""

import re
from collections.abc import Mapping

from django.http import HttpRequest


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query; None when it is none."""
    return whole_number(request.GET.get(name, ""))


def whole_number(text: str) -> int | None:
    """The number that a text writes, from 0 to what bigint holds; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 -- what bigint holds


def typed(values: Mapping[str, str], name: str, *, limit: int = 200) -> str:
    """A text of a form or a query, without what no database keeps."""
    return values.get(name, "").replace("\0", "").strip()[:limit]


def may_name_somebody(text: str) -> bool:
    """Whether a text may be an e-mail address, a telephone number or a name: what never stands in an address."""
    return re.search(r"[@\s]", text) is not None or re.fullmatch(r"[\d+()./-]*", text) is not None
