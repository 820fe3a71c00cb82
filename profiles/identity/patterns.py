"""Patterns that staff wrote, matched against whole values."""

import re
from collections.abc import Iterable


class Patterns:
    """Any of these patterns. One that cannot be read matches nothing: a typing error must not stop the builder."""

    def __init__(self, patterns: Iterable[str]) -> None:
        readable = [pattern for pattern in patterns if is_readable(pattern)]
        self._compiled = re.compile("|".join(f"(?:{pattern})" for pattern in readable)) if readable else None

    def match(self, value: str) -> bool:
        """Whether one of them matches all of the value."""
        return self._compiled is not None and self._compiled.fullmatch(value) is not None


def is_readable(pattern: str) -> bool:
    """Whether this is a pattern at all."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
