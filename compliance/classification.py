"""The category of a trait, a property or a namespace. What people decided holds; else the name decides.

The most sensitive of the words in a name decides, so `email_of_shop` is contact data. Names in camel case, snake
case or with dots read the same. What no word gives away is UNCLASSIFIED. docs/adr/0094-one-classification.md.

What stands within another value has a path: `address.city`, `items[].sku`. A decision for the path comes before one for
the name alone. An id (`1001`) is no name: all have that of `compliance.key_paths`. docs/adr/0114-nested-properties.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Protocol

from compliance.enums import Category
from compliance.key_paths import shared_name

# In order: the first category with a word of the name decides.
_WORDS = {
    Category.SPECIAL: """
        health medical medication diagnosis disease allergy allergies pregnancy pregnant disability disabled
        religion religious faith church belief ethnicity ethnic race racial nationality political politics
        party union sexual sexuality orientation biometric fingerprint genetic criminal conviction password
        passwd secret token ssn nin passport iban bic card cvv cvc pin
    """,
    Category.CONTACT: """
        email emails mail mailbox phone telephone tel mobile cell fax whatsapp telegram skype address
        addresses street house ip msisdn
    """,
    Category.TRANSACTIONS: """
        order orders purchase purchases product products sku price revenue total subtotal value amount
        currency quantity discount coupon tax shipping cart checkout payment paid invoice refund refunded
        return returned plan subscription ltv spend spent cost margin brand basket loyalty points delivery
        affiliation
    """,
    Category.LOCATION: """
        city town village country region state province county postcode zip postal latitude longitude lat
        lng lon location geo place timezone continent
    """,
    Category.IDENTITY: """
        id name firstname lastname first last middle surname forename username login nickname title
        salutation avatar birthday birthdate birth dob age gender sex company employer organisation
        organization department position job role household customer user account anonymous device member
        language locale
    """,
    Category.BEHAVIOUR: """
        page url path referrer referer search query campaign utm medium source channel visit visits session
        sessions click clicks view views viewed opened seen signup created registered interest interests
        favourite favorite preference preferences category categories newsletter consent os browser screen
        app version library lib agent event events score segment tag tags status list lists keenness
        lifecycle method content filter filters sort step variant position button form link video
    """,
}
_KNOWN = tuple((category, frozenset(words.split())) for category, words in _WORDS.items())
_OF_THINGS = frozenset({"name", "title", "label", "type", "reason", "result"})
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DIGITS = re.compile(r"\d+$")
_NAMESPACES = {
    "user_id": Category.IDENTITY,
    "anonymous_id": Category.IDENTITY,
    "device_id": Category.IDENTITY,
    "customer_number": Category.IDENTITY,
    "click_id": Category.BEHAVIOUR,
    "household": Category.IDENTITY,
    "group_id": Category.IDENTITY,
    "email": Category.CONTACT,
    "phone": Category.CONTACT,
    "landline": Category.CONTACT,
    "address": Category.CONTACT,
    "advertising_id": Category.IDENTITY,
    "session_id": Category.BEHAVIOUR,
    "cookie": Category.BEHAVIOUR,
}


class CategoryOf(Protocol):
    """The category of a key; `path` is where it stands when it stands within another value."""

    def __call__(self, key: str, path: str = "", /) -> Category:
        """UNCLASSIFIED when nothing is known of it: then what it stands within says, if anything does."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The categories that people decided on, by the names and paths of traits and of properties."""

    traits: Mapping[str, Category] = field(default_factory=dict)
    properties: Mapping[str, Category] = field(default_factory=dict)


def category_of_trait(key: str, path: str = "", /) -> Category:
    """The category of a trait of this name; UNCLASSIFIED, which is sensitive, when nothing is known of it."""
    return _Holding.of_trait(key, path)


def category_of_property(key: str, path: str = "", /) -> Category:
    """The category of a property or a context field of an event of this name."""
    return _Holding.of_property(key, path)


def use_decided(decided: Decided) -> None:
    """Have these decisions hold in this process, in the place of those before; names decide the rest."""
    _Holding.of_trait = _by(decided.traits, trait_by_name)
    _Holding.of_property = _by(decided.properties, property_by_name)


def _by(
    decided: Mapping[str, Category], by_name: Callable[[str], Category]
) -> Callable[[str, str], Category]:
    """The category of a key and its path by these decisions; it is asked for each value that anybody is shown."""

    @lru_cache(maxsize=8192)
    def category(key: str, path: str) -> Category:
        return _decided(decided, key, path) or by_name(shared_name(key))

    return category


def _decided(decided: Mapping[str, Category], key: str, path: str) -> Category | None:
    """A decision for an id of its own, from before ids had one name, holds on."""
    return (path and decided.get(path)) or decided.get(key) or decided.get(shared_name(key)) or None


@lru_cache(maxsize=8192)
def trait_by_name(key: str) -> Category:
    """What the name of a trait says; UNCLASSIFIED when it says nothing."""
    words = _words(key)
    for category, known in _KNOWN:
        if not known.isdisjoint(words):
            return category
    return Category.UNCLASSIFIED


@lru_cache(maxsize=8192)
def property_by_name(key: str) -> Category:
    """What the name of a property or a context field of an event says: there a name is that of a page or a thing."""
    category = trait_by_name(key)
    words = _words(key)
    if category in (Category.UNCLASSIFIED, Category.IDENTITY) and words and words <= _OF_THINGS:
        return Category.BEHAVIOUR
    return category


@lru_cache(maxsize=1024)
def category_of_namespace(key: str) -> Category:
    """The category of the identifiers of a namespace."""
    return _NAMESPACES.get(key) or trait_by_name(key)


def _words(key: str) -> frozenset[str]:
    found = [_DIGITS.sub("", part).lower() for part in _SPLIT.split(key.replace("e-mail", "email"))]
    return frozenset(word for word in found if word)


class _Holding:
    """What holds in this process."""

    of_trait: ClassVar[Callable[[str, str], Category]] = _by({}, trait_by_name)
    of_property: ClassVar[Callable[[str, str], Category]] = _by({}, property_by_name)
