"""Entries of the directory as they are compared: names in one form, what stays when they are renamed, values as text."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import ldap
import ldap.dn
from ldap.controls import SimplePagedResultsControl
from ldap.filter import escape_filter_chars

from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.ranges import whole

PAGE, AT_ONCE = 500, 100
LONGEST_NAME = 150
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its distinguished name as the directory writes it, in its normal form, and its attributes."""

    dn: str
    normal: str
    attributes: Mapping[str, Sequence[Any]] = field(repr=False)

    def first(self, name: str) -> str:
        """The first value of an attribute, or nothing."""
        values = self.all(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Its values, those that are text."""
        found = self.attributes.get(name.lower(), ())
        return [text for text in map(_text, found) if text is not None]

    def identity(self, attribute: str) -> str:
        """What stays the same when it is renamed; its name where the directory has nothing of the kind."""
        values = self.attributes.get(attribute.lower(), ())
        if not values:
            return f"dn:{self.normal}"
        value = values[0]
        is_bytes = attribute.lower() == "objectguid"  # sixteen bytes, which may look like text
        raw = value.encode() if isinstance(value, str) else bytes(value)
        return f"{attribute.lower()}:{raw.hex() if is_bytes else raw.decode(errors='replace')}"


def entry_of(dn: str, attributes: Mapping[str, Sequence[Any]]) -> Entry:
    """The entry of a search result."""
    return Entry(dn, normal_dn(dn), {name.lower(): values for name, values in attributes.items()})


def normal_dn(dn: str) -> str:
    """A distinguished name such that two names of one entry are the same text. One that is none is only folded."""
    try:
        parts = ldap.dn.str2dn(dn)
    except ldap.DECODING_ERROR:
        return dn.casefold().strip()
    folded = [
        sorted((kind.casefold(), normal_name(value), 1) for kind, value, _ in relative) for relative in parts
    ]
    return str(ldap.dn.dn2str(folded))


def normal_name(name: str) -> str:
    """A name such that what the directory takes for the same is the same text: form, case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def mapping_key(group: str) -> str:
    """What a group of a mapping is known by: its name, or its distinguished name."""
    return normal_dn(group) if "=" in group else normal_name(group)


def name_of(entry: Entry, directory: Directory) -> str:
    """The name that somebody's account here has; empty when the entry gives none that could be one."""
    name = normal_name(entry.first(directory.name_attribute))
    return name if len(name) <= LONGEST_NAME and name.isprintable() else ""


def parted(items: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """The items some at a time, as many as one filter may name."""
    for at in range(0, len(items), AT_ONCE):
        yield items[at : at + AT_ONCE]


def one_of(attribute: str, values: Sequence[str]) -> str:
    """A filter for entries with one of these values."""
    return "".join(["(|", *(f"({attribute}={escape_filter_chars(value)})" for value in values), ")"])


def of_identity(identity: str) -> str:
    """A filter for the entry that has this identity; of one that is known by its name alone there is none."""
    attribute, _, value = identity.partition(":")
    if attribute == "objectguid":
        value = "".join(f"\\{value[at : at + 2]}" for at in range(0, len(value), 2))
        return f"({attribute}={value})"
    return f"({attribute}={escape_filter_chars(value)})"


def search(session: Any, base: str, condition: str, attributes: Sequence[str]) -> Iterator[Entry]:
    """All entries below the base, page by page. Raises ldap.LDAPError."""
    control = SimplePagedResultsControl(True, size=PAGE, cookie="")
    while True:
        sent = session.search_ext(
            base, ldap.SCOPE_SUBTREE, condition, attrlist=list(attributes), serverctrls=[control]
        )
        _, found, _, answered = session.result3(sent)
        for dn, values in found:
            if dn is not None:  # None: a referral
                yield entry_of(dn, whole(session, dn, values))
        cookies = [each.cookie for each in answered if isinstance(each, SimplePagedResultsControl)]
        if not cookies or not cookies[0]:
            return
        control.cookie = cookies[0]


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        return None
