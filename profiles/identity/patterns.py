"""Patterns that staff write, matched in time that grows with the text and with nothing else.

They are RE2's (https://github.com/google/re2/wiki/Syntax): no look-around and no references back, so that no
pattern, and no value that a source sends, can stop the builder.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import re2

MAX_LENGTH = 200
_MAX_MEMORY = 1 << 20  # bytes for one pattern, compiled


class UnusablePattern(ValueError):
    """The pattern cannot be used; says why."""


class Patterns:
    """Some patterns. One that cannot be used matches nothing: a typing error must not stop the builder."""

    def __init__(self, patterns: Iterable[str]) -> None:
        usable = [pattern for pattern in patterns if _is_usable(pattern)]
        self._single = [_compiled(pattern) for pattern in usable]
        self._any = _compiled("|".join(f"(?:{pattern})" for pattern in usable)) if usable else None

    def match(self, value: str) -> bool:
        """Whether one of them matches all of the value."""
        return self._any is not None and self._any.fullmatch(_encodable(value)) is not None

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where they stand in the text, and what: of a pattern with a group only what stands in the first."""
        text = _encodable(text)
        for pattern in self._single:
            group = 1 if pattern.groups else 0
            for match in pattern.finditer(text):
                if match.group(group):
                    yield match.start(group), match.end(group), match.group(group)


def check_pattern(pattern: str) -> None:
    """Raises UnusablePattern."""
    if len(pattern) > MAX_LENGTH:
        raise UnusablePattern(f"A pattern has at most {MAX_LENGTH} characters; this one has {len(pattern)}.")
    try:
        _compiled(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode() if isinstance(reason, bytes) else reason
        raise UnusablePattern(
            f"This is no pattern of RE2, which has no look-around and no references back: {reason}"
        ) from None


def _is_usable(pattern: str) -> bool:
    try:
        check_pattern(pattern)
    except UnusablePattern:
        return False
    return True


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return re2.compile(pattern, options)


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
