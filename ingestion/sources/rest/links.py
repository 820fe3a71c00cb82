"""The Link header of RFC 8288."""

import re
from collections.abc import Sequence

_LINK = re.compile(
    r"<([^<>]*)>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+\s*(?:=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s,;\"]+))?)*)"
)
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s,;\"]+))", re.IGNORECASE)
MAX_HEADER = 16_384


def next_link(headers: Sequence[str]) -> str | None:
    """The address whose relation is `next`; None when there is none."""
    for header in headers:
        for address, parameters in _LINK.findall(header[:MAX_HEADER]):
            relation = _REL.search(parameters)
            if relation and "next" in (relation[1] or relation[2] or "").lower().split():
                return str(address)
    return None
