"""Long lists of values, which Active Directory gives some at a time: `member;range=0-1499`, then the rest."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import ldap

MOST_PARTS = 1_000  # of 1,500 values each: a server that never comes to an end is not followed
_RANGE = re.compile(r"(?P<name>[^;]+);range=(?P<first>\d+)-(?P<last>\d+|\*)", re.IGNORECASE)
Values = Mapping[str, Sequence[Any]]


class EndlessList(ldap.LDAPError):
    """The server never says where a list of values ends."""


def whole(session: Any, dn: str, values: Values) -> Values:
    """The attributes of an entry with all values of those that came in part. Raises ldap.LDAPError."""
    ranged = {name: found for name in values if (found := _RANGE.fullmatch(name))}
    if not ranged:
        return values
    complete = {name: some for name, some in values.items() if name not in ranged}
    for name, found in ranged.items():
        complete[found["name"]] = [*values[name], *_rest(session, dn, found)]
    return complete


def _rest(session: Any, dn: str, found: re.Match[str]) -> list[Any]:
    """The values after this part."""
    rest: list[Any] = []
    for _ in range(MOST_PARTS):
        if found["last"] == "*":
            return rest
        wanted = f"{found['name']};range={int(found['last']) + 1}-*"
        entries = session.search_ext_s(dn, ldap.SCOPE_BASE, attrlist=[wanted])
        more = [(part, some) for each, values in entries if each is not None for part, some in values.items()]
        parts = [(match, some) for part, some in more if (match := _RANGE.fullmatch(part))]
        if not parts or int(parts[0][0]["first"]) != int(found["last"]) + 1:
            return rest
        found, some = parts[0]
        rest += some
    raise EndlessList({"desc": f"the list of {found['name']} never ends"})
