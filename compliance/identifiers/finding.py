"""Identifiers in free text: where e-mail addresses, telephone numbers and addresses of houses stand in it.

Each search looks first for the one thing without which there can be nothing, so that most texts cost next to
nothing; and each reads so much around it as a value may be long, so that no text takes longer than its length asks.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import phonenumbers

MOST = 50  # of one kind in one text


class Span(NamedTuple):
    """What stands from `start` to `end` of a text, in a form that a normaliser reads."""

    start: int
    end: int
    value: str


_LOCAL = re.compile(r"[\w.%+'-]{1,64}$")
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}")
_IN_URL = re.compile(r"://[^\s/]{0,64}$")
_AROUND = 64


def emails(text: str) -> Iterator[Span]:
    """What stands around each `@`, unless it is a password in an address of the web."""
    at = -1
    for _ in range(MOST):
        at = text.find("@", at + 1)
        if at < 0:
            return
        before = text[max(0, at - _AROUND) : at]
        local, domain = _LOCAL.search(before), _DOMAIN.match(text, at + 1)
        if local is None or domain is None or _IN_URL.search(before):
            continue
        name = local[0].lstrip(".'-")
        if name:
            yield Span(at - len(name), domain.end(), f"{name}@{domain[0].rstrip('-')}")


_ENOUGH_DIGITS = re.compile(r"\d(?:[^\w\n]{0,4}\d){6}")
_RUN = re.compile(r"(?<![\w+])\+?\(?\d(?:[\s().\-/\u2010-\u2015]{0,4}\d){6,19}(?!\w)")
_DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}")
_LONGEST = 15  # digits of a number; what is longer may be two


def phones(text: str, region: str) -> Iterator[Span]:
    """Numbers that a plan assigns; without a region those with a country code."""
    if not _ENOUGH_DIGITS.search(text):
        return
    for run in islice(_RUN.finditer(text), MOST):
        written = run[0]
        if not (region or written.startswith("+")) or _DATE.fullmatch(written):
            continue
        if number := _assigned(written, region):
            yield Span(*run.span(), number)
        elif sum(map(str.isdigit, written)) > _LONGEST:
            for found in phonenumbers.PhoneNumberMatcher(written, region or None, max_tries=10):
                yield Span(run.start() + found.start, run.start() + found.end, _e164(found.number))


@lru_cache(maxsize=4096)
def _assigned(written: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(written, region or None)
    except phonenumbers.NumberParseException:
        return None
    return _e164(number) if phonenumbers.is_valid_number(number) else None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


_ADDITION = r"(?:[ -]?[A-Za-z]{1,2}\b|[-/]\d{1,4})?"
_NUMBER = rf"\d{{1,5}}{_ADDITION}"
_NAMED = r"(?:(?:nr|no|nummer|number|huisnummer|huisnr|house)\b[.:]? ?){0,2}"
_DUTCH = r"[1-9]\d{3}(?: ?[A-Z]{2}|[a-z]{2})"
_BRITISH = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"

_BY_COUNTRY: dict[str, tuple[re.Pattern[str], ...]] = {
    "NL": (
        re.compile(rf"(?<![\w-])(?P<number>{_NUMBER})[,;\s]{{1,3}}(?P<postcode>{_DUTCH})(?!\w)"),
        re.compile(rf"(?<!\w)(?P<postcode>{_DUTCH})[,;\s]{{1,3}}{_NAMED}(?P<number>{_NUMBER})(?!\w)"),
    ),
    "GB": (
        re.compile(
            rf"(?<![\w-])(?P<number>\d{{1,5}}[A-Za-z]?) [A-Za-z][^\d\n]{{2,60}}?(?<!\w)(?P<postcode>{_BRITISH})(?!\w)"
        ),
        re.compile(rf"(?<!\w)(?P<postcode>{_BRITISH})[,;\s]{{1,3}}{_NAMED}(?P<number>{_NUMBER})(?!\w)"),
    ),
    "BE": (
        re.compile(rf"(?<![\w-])(?P<number>{_NUMBER})[,;\s]{{1,3}}(?:B-)?(?P<postcode>[1-9]\d{{3}}) [A-Z]"),
    ),
    "DE": (
        re.compile(rf"(?<![\w-])(?P<number>{_NUMBER})[,;\s]{{1,3}}(?:D-)?(?P<postcode>\d{{5}}) [A-ZÄÖÜ]"),
    ),
    "US": (
        re.compile(
            r"(?<![\w-])(?P<number>\d{1,6}) [A-Za-z\d][^\d\n]{2,60}?\b[A-Z]{2} (?P<postcode>\d{5})(?!\d)"
        ),
    ),
}
_UNMISTAKABLE = ("NL", "GB")  # the others' postcodes are numbers like any other
_FOUR_CHARACTERS = re.compile(r"\d(?:\d{3}| ?[A-Z]{2})")


def addresses(text: str, country: str) -> Iterator[Span]:
    """Postcodes with the house number beside them: Dutch and British ones, and those of the country."""
    if not _FOUR_CHARACTERS.search(text):
        return
    taken: list[tuple[int, int]] = []
    for each in dict.fromkeys((country, *_UNMISTAKABLE)):
        for pattern in _BY_COUNTRY.get(each, ()):
            for found in islice(pattern.finditer(text), MOST):
                start, end = found.span()
                if any(start < last and first < end for first, last in taken):
                    continue
                taken.append((start, end))
                yield Span(start, end, f"{found['postcode']}\t{found['number']}\t{each}")
