"""The house number in a line of an address, and what is added to it."""

import re

MAX_LENGTH = 120  # characters of a line
_NUMBER_FIRST = frozenset({"GB", "US", "CA", "AU", "NZ", "IE", "FR", "LU"})  # `10 Downing Street`
_UNIT = r"(?:apartment|appartement|apt|app|bus|bte|bo[iî]te|box|flat|suite|ste|unit|top)\b[.:\s]*"
_BARE = re.compile(
    rf"(?:no|nr|num|number|n°|#)?[.:\s]*(\d{{1,6}})(?!\d)[\s,./-]*(?:{_UNIT})?#?([a-z]{{0,4}}\d{{0,4}})"
    r"(?:[\s./-]*([a-z0-9]{1,4}))?",
    re.ASCII,
)
_BARE_FIRST = re.compile(
    rf"(?:no|nr|number|#)?[.:\s]*(\d{{1,6}})(?!\d)[\s,./-]*(?:{_UNIT})?#?([a-z]?|\d{{1,5}}[a-z]?)",
    re.ASCII,
)
_STARTS = re.compile(r"(?<![\w./-])\d")
_TWO_NUMBERS = re.compile(
    rf"\d+(?:\s+|\W+(?!bis|ter|huis|{_UNIT})[a-z]{{3,}}\W+)\d", re.ASCII
)  # `1944 12`, `17. Juni 135`
_OF_A_UNIT = re.compile(rf"[\s,]*(?:\b{_UNIT}|#\s*)([a-z]?\d{{0,5}}[a-z]?)(?!\w)[\s,]*", re.ASCII)
_BEFORE_STREET = re.compile(r"(?<!\w)(\d{1,6})(?!\d)-?([a-z]?)(?!\w)", re.ASCII)

Number = tuple[str, str]


def house_number(line: str, country: str) -> Number | None:
    """The number and its addition in capitals, of a line that is a house number or a street with one."""
    text = line.strip().lower()
    if len(text) > MAX_LENGTH:
        return None
    if country in _NUMBER_FIRST:
        bare = _BARE_FIRST.fullmatch(text)
        return _number(bare[1], bare[2]) if bare else _before_street(text)
    bare = _BARE.fullmatch(text)
    return _number(bare[1], bare[2] + (bare[3] or "")) if bare else _after_street(text)


def _after_street(text: str) -> Number | None:
    """`Plein 1944 12-2`: the first number that nothing but an addition follows."""
    for start in _STARTS.finditer(text):
        rest = text[start.start() :]
        found = None if _TWO_NUMBERS.match(rest) else _BARE.fullmatch(rest)
        if found:
            return _number(found[1], found[2] + (found[3] or ""))
    return None


def _before_street(text: str) -> Number | None:
    """`Flat 3, 10 Downing Street`: the first number that is not the unit's, and the unit."""
    unit = _OF_A_UNIT.search(text)
    rest = text if unit is None else f"{text[: unit.start()]} {text[unit.end() :]}"
    found = _BEFORE_STREET.search(rest)
    return _number(found[1], found[2] + (unit[1] if unit else "")) if found else None


def _number(digits: str, addition: str) -> Number | None:
    number = digits.lstrip("0")
    return (number, addition.upper()) if number else None
