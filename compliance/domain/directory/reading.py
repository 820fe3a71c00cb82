"""All that a sync needs of the directory, read in few searches: the accounts that are known here, and all groups."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.domain.directory import people
from compliance.domain.directory.configuration import Directory, Lookup
from compliance.domain.directory.entries import Entry, normal_dn, search
from compliance.domain.directory.groups import LISTS, NAMES, Group, Membership, above, group_of, walk
from compliance.domain.directory.mapping import Mapping as RoleMapping
from compliance.domain.directory.standing import closed_because

GONE, NO_ROLE = "gone", "no role"
_POSIX = ("memberUid", "gidNumber")


class Suspicious(Exception):
    """The directory's answer cannot be right; the message says what is odd about it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the directory says now of one account: the roles that follow, or why nobody may sign in with it."""

    roles: frozenset[str]
    closed: str = ""


def read_all(
    session: Any, directory: Directory, identities: Collection[str], *, now: datetime
) -> dict[str, Found]:
    """What it says of each of these accounts. Raises Suspicious, ldap.LDAPError."""
    if not people.count(session, directory.user_base, people.everybody(directory), most=1):
        raise Suspicious("it holds nobody at all who may sign in")
    entries = {
        each.identity(directory.id_attribute): each
        for each in people.identified(session, directory, sorted(identities))
    }
    mapping, parents = RoleMapping(directory), all_groups(session, directory)
    found = {}
    for identity in identities:
        entry = entries.get(identity)
        found[identity] = Found(frozenset(), GONE) if entry is None else _found(entry, parents, mapping, now)
    return found


def _found(entry: Entry, parents: "AllGroups", mapping: RoleMapping, now: datetime) -> Found:
    if closed := closed_because(entry, now=now):
        return Found(frozenset(), closed)
    roles = mapping.roles(parents.of(entry))
    return Found(roles, "" if roles else NO_ROLE)


class AllGroups:
    """Groups as they were read once, and who is in which."""

    def __init__(self, directory: Directory, groups: Iterable[Entry]) -> None:
        self._lookup = directory.lookup
        self._groups: dict[str, Group] = {}
        self._by_member: dict[str, set[Group]] = defaultdict(set)
        self._by_posix: dict[tuple[str, str], set[Group]] = defaultdict(set)
        for entry in groups:
            group = self._groups[entry.normal] = group_of(entry)
            for dn in (dn for attribute in LISTS for dn in entry.all(attribute)):
                self._by_member[normal_dn(dn)].add(group)
            for attribute in _POSIX:
                for value in entry.all(attribute):
                    self._by_posix[attribute, value].add(group)

    def of(self, person: Entry) -> Sequence[Membership]:
        """The groups somebody is in."""
        return walk(person, self._above)

    def _above(self, level: Sequence[Group | Entry]) -> Mapping[str, Iterable[Group]]:
        return {each.normal: self._above_one(each) for each in level}

    def _above_one(self, each: Group | Entry) -> Iterable[Group]:
        if self._lookup is not Lookup.MEMBER:
            return [self._groups[dn] for dn in map(normal_dn, above(each)) if dn in self._groups]
        found = set(self._by_member.get(each.normal, ()))
        if isinstance(each, Entry):
            found |= self._by_posix.get(("memberUid", each.first("uid")), set())
            found |= self._by_posix.get(("gidNumber", each.first("gidNumber")), set())
        return found


def all_groups(session: Any, directory: Directory) -> AllGroups:
    """All groups. Those that list themselves what they are in (`memberOf`) need not say their members, who are many."""
    lists = (*LISTS, *_POSIX) if directory.lookup is Lookup.MEMBER else ()
    groups = list(search(session, directory.group_base, directory.group_filter, (*NAMES, *lists)))
    if not groups:
        raise Suspicious("it holds no groups at all")
    return AllGroups(directory, groups)
