"""Texts of notices: of one line or of few, and without what tells who a customer is."""

import re
from collections.abc import Callable, Iterator

from django.conf import settings

from compliance.access import MASK
from compliance.identifiers.finding import Span, emails, phones

MOST_SUBJECT, MOST_BODY = 200, 2000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """Without breaks and control characters, so that it can stand in a header."""
    return _cut(" ".join(_CONTROL.sub(" ", _masked(text)).split()), MOST_SUBJECT)


def paragraph(text: str) -> str:
    """Lines of text without other control characters."""
    lines = _CONTROL.sub(" ", _masked(text.replace("\r\n", "\n").replace("\r", "\n"))).split("\n")
    return _cut("\n".join(" ".join(line.split()) for line in lines).strip(), MOST_BODY)


def _masked(text: str) -> str:
    text = text[: 2 * MOST_BODY]
    searches: tuple[Callable[[str], Iterator[Span]], ...] = (
        emails,
        lambda given: phones(given, settings.PHONE_REGION),
    )
    for search in searches:
        for span in sorted(search(text), reverse=True):
            text = text[: span.start] + MASK + text[span.end :]
    return text


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
