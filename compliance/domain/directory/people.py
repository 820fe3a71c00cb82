"""Members of staff in the directory."""

from collections.abc import Iterator, Sequence
from typing import Any

from ldap.filter import escape_filter_chars

from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.entries import Entry, of_identity, parted, search
from compliance.domain.directory.groups import OF_PERSON
from compliance.domain.directory.standing import ATTRIBUTES

_ANY = "*"


def attributes_of(directory: Directory) -> tuple[str, ...]:
    """What is read of somebody, and no more."""
    return (
        directory.name_attribute, directory.id_attribute, "givenName", "sn", "mail", *OF_PERSON, *ATTRIBUTES,
    )  # fmt: skip


def named(session: Any, directory: Directory, name: str) -> list[Entry]:
    """Who would sign in with this name; more than one of them is nobody. Raises ldap.LDAPError."""
    condition = directory.user_filter % {"user": escape_filter_chars(name)}
    return list(search(session, directory.user_base, condition, attributes_of(directory)))


def identified(session: Any, directory: Directory, identities: Sequence[str]) -> Iterator[Entry]:
    """Those of these identities that may sign in, some at a time. Raises ldap.LDAPError."""
    for some in parted([each for each in identities if not each.startswith("dn:")]):
        condition = f"(&{everybody(directory)}(|{''.join(map(of_identity, some))}))"
        yield from search(session, directory.user_base, condition, attributes_of(directory))
    for some in parted([each.removeprefix("dn:") for each in identities if each.startswith("dn:")]):
        condition = "".join(f"({directory.dn_attribute}={escape_filter_chars(dn)})" for dn in some)
        yield from search(
            session, directory.user_base, f"(&{everybody(directory)}(|{condition}))", attributes_of(directory)
        )


def everybody(directory: Directory) -> str:
    """The filter of those who may sign in, whatever their names are."""
    return directory.user_filter % {"user": _ANY}


def count(session: Any, base: str, condition: str, *, most: int) -> int:
    """How many entries there are; `most` when there are as many or more. Raises ldap.LDAPError."""
    found = 0
    for _ in search(session, base, condition, ["1.1"]):
        found += 1
        if found >= most:
            break
    return found
