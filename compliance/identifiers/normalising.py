"""The normalisers by name. What stands after a colon says more: `phone:NL`, `email:providers`."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

import phonenumbers
from django.conf import settings

from compliance.identifiers.address import address, has_postcodes, written_address
from compliance.identifiers.email import email, mailbox
from compliance.identifiers.phone import landline, mobile, phone
from compliance.identifiers.text import lower, text

MAX_LENGTH = 512  # characters; what is longer identifies nobody
_SURROGATES = re.compile("[\ud800-\udfff]")

Normaliser = Callable[[str], str | None]
_OfRegion = Callable[[str, str], str | None]


class UnknownNormaliser(ValueError):
    """There is no normaliser of this name."""


def normalise(normaliser: str, value: str) -> str | None:
    """The one form of this value, or None when it identifies nobody. Applying it twice changes nothing more.

    Raises UnknownNormaliser.
    """
    if len(value) > MAX_LENGTH:
        return None
    if "\0" in value:
        value = value.replace("\0", "\ufffd")  # as the builder, whose database cannot hold it
    if not value.isascii() and _SURROGATES.search(value):
        return None
    return _named(normaliser)(value)


def written(normaliser: str, value: str) -> str:
    """A value in its normal form as people write it, which gives the same form again."""
    return written_address(value) if normaliser.partition(":")[0] == "address" else value


def check_normaliser(name: str) -> None:
    """Raises UnknownNormaliser, saying what to write instead."""
    _named(name)


def region_of(normaliser: str) -> str:
    """The country whose numbers and addresses are written without it: the normaliser's, else PHONE_REGION."""
    return normaliser.partition(":")[2] or settings.PHONE_REGION


@lru_cache(maxsize=256)
def _named(name: str) -> Normaliser:
    kind, _, argument = name.partition(":")
    try:
        make = NORMALISERS[kind]
    except KeyError:
        raise UnknownNormaliser(
            f"there is no normaliser {name!r}: choose one of {', '.join(NORMALISERS)}"
        ) from None
    return make(argument)


def _plain(function: Normaliser, **variants: Normaliser) -> Callable[[str], Normaliser]:
    """Of no argument but the names of its variants."""

    def make(argument: str) -> Normaliser:
        if argument and argument not in variants:
            known = f"it knows {', '.join(variants)}" if variants else "it takes nothing after a colon"
            raise UnknownNormaliser(f"the normaliser has no variant {argument!r}: {known}")
        return variants[argument] if argument else function

    return make


def _regional(function: _OfRegion, is_region: Callable[[str], bool]) -> Callable[[str], Normaliser]:
    """Of a country, as `NL`; without one the installation's PHONE_REGION counts at the moment of use."""

    def of_the_installation(value: str) -> str | None:
        return function(value, settings.PHONE_REGION)

    def make(argument: str) -> Normaliser:
        if argument and not is_region(argument):
            raise UnknownNormaliser(f"there is no country {argument!r} for it: write two letters, as in NL")
        return partial(_swapped, function, argument) if argument else of_the_installation

    return make


def _swapped(function: _OfRegion, region: str, value: str) -> str | None:
    return function(value, region)


def _has_numbers(region: str) -> bool:
    return region in phonenumbers.SUPPORTED_REGIONS


NORMALISERS: Mapping[str, Callable[[str], Normaliser]] = {
    "text": _plain(text),
    "lower": _plain(lower),
    "email": _plain(email, providers=mailbox),
    "phone": _regional(phone, _has_numbers),
    "mobile": _regional(mobile, _has_numbers),
    "landline": _regional(landline, _has_numbers),
    "address": _regional(address, has_postcodes),
}
"""What each name makes of the text after its colon. Raises UnknownNormaliser for a text it does not know."""
