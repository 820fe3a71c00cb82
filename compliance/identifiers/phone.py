"""Telephone numbers in E.164, told apart by what they reach: anybody, a hand, a house."""

from functools import lru_cache

import phonenumbers

from compliance.identifiers.text import clean

_FIXED = phonenumbers.PhoneNumberType.FIXED_LINE


def phone(value: str, region: str) -> str | None:
    """Any number; one without a country code is read as one of the region."""
    return _e164(clean(value), region)


def landline(value: str, region: str) -> str | None:
    """A number that can only be a fixed line, and so reaches a house; where plans do not tell, none is."""
    number = phone(value, region)
    return number if number is not None and _is_fixed(number) else None


def mobile(value: str, region: str) -> str | None:
    """Any number but one that can only be a fixed line."""
    number = phone(value, region)
    return number if number is not None and not _is_fixed(number) else None


@lru_cache(maxsize=65536)
def _e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    normal = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    # Of numbers that no plan assigns, some read otherwise once written so: they would be two identifiers.
    return normal if normal == text else _e164(normal, region)


@lru_cache(maxsize=65536)
def _is_fixed(number: str) -> bool:
    return bool(phonenumbers.number_type(phonenumbers.parse(number)) == _FIXED)
