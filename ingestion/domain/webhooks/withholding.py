"""Whether a payload that could not be mapped names somebody of whom nothing may be kept."""

from collections.abc import Iterator
from typing import Any

from compliance.suppression import Suppressions

MAX_LOOKED_AT = 500  # texts; each costs some 60 µs
_LONGEST = 320  # characters of an identifier


def may_name_suppressed(payload: Any, suppressions: Suppressions) -> bool:
    """Whether any text or number in it is a suppressed identifier of any namespace, or there are too many to look."""
    if not suppressions:
        return False
    namespaces = {"user_id", "anonymous_id", "email", "phone", *suppressions.normalisers}
    for looked_at, text in enumerate(_texts(payload)):
        if looked_at >= MAX_LOOKED_AT:
            return True
        if any(suppressions.is_suppressed(namespace, text) for namespace in namespaces):
            return True
    return False


def _texts(payload: Any) -> Iterator[str]:
    pending = [payload]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
        elif isinstance(each, str | int) and not isinstance(each, bool) and 0 < len(str(each)) <= _LONGEST:
            yield str(each)
