"""What is typed into addresses and forms: numbers, texts, and whether a text may stand in an address at all."""

import re
from collections.abc import Mapping

from django.http import HttpRequest

from streaming.row_ids import row_id


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query; None when it is none."""
    return row_id(request.GET.get(name))


def typed(values: Mapping[str, str], name: str, *, limit: int = 200) -> str:
    """A text of a form or a query, without what no database keeps."""
    return values.get(name, "").replace("\0", "").strip()[:limit]


def may_name_somebody(text: str) -> bool:
    """Whether a text may be an e-mail address, a telephone number or a name: what never stands in an address."""
    return re.search(r"[@\s]", text) is not None or re.fullmatch(r"[\d+()./-]*", text) is not None
