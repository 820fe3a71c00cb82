"""In which groups somebody is, directly and through groups in groups, and by which path. Cycles end.

The same walk serves a sign-in, which asks the directory level by level, and the sync, which has read all groups before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ldap
from ldap.filter import escape_filter_chars

from compliance.domain.directory.configuration import Directory, Lookup
from compliance.domain.directory.entries import Entry, normal_dn, one_of, parted, search

IN_CHAIN = "1.2.840.113556.1.4.1941"
MOST_GROUPS = 2_000  # of one person: a directory that names more is not believed
NAMES, LISTS = ("cn", "memberOf"), ("member", "uniqueMember")
OF_PERSON = ("memberOf", "uid", "gidNumber")


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its name, and its distinguished name as it is written and in its normal form.

    `above` are the groups that it says itself it is in (`memberOf`).
    """

    name: str
    dn: str
    normal: str
    above: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """A group somebody is in; `path` names the groups from theirs up to it, and ends with it."""

    group: Group
    path: tuple[str, ...]


Parents = Callable[[Sequence[Group | Entry]], Mapping[str, Iterable[Group]]]


class TooManyGroups(Exception):
    """Somebody is in more groups than anybody can be."""


def walk(person: Entry, parents: Parents) -> list[Membership]:
    """All groups that the person is in, the nearest first. `parents` answers for a whole level at once."""
    found: dict[str, Membership] = {}
    level: dict[str, Group | Entry] = {person.normal: person}
    paths: dict[str, tuple[str, ...]] = {person.normal: ()}
    while level:
        above: dict[str, Group | Entry] = {}
        for child, groups in parents(list(level.values())).items():
            for group in sorted(groups, key=lambda each: each.normal):
                if group.normal in found or group.normal == person.normal:
                    continue
                paths[group.normal] = (*paths[child], group.name)
                found[group.normal] = Membership(group, paths[group.normal])
                above[group.normal] = group
        if len(found) > MOST_GROUPS:
            raise TooManyGroups(f"more than {MOST_GROUPS:,} groups")
        level = above
    return list(found.values())


def memberships(
    session: Any, directory: Directory, person: Entry, *, with_paths: bool = False
) -> list[Membership]:
    """The groups that one person has at this moment. Active Directory, which walks the chain itself, says no paths.

    A server that does not know how to (it finds nothing, or refuses) is asked level by level instead.

    Raises ldap.LDAPError, TooManyGroups.
    """
    if (
        directory.lookup is Lookup.CHAIN
        and not with_paths
        and (found := _by_chain(session, directory, person))
    ):
        return found
    if directory.lookup is Lookup.MEMBER_OF:
        return walk(person, lambda level: _named(session, directory, level))
    return walk(person, lambda level: _naming(session, directory, level))


def group_of(entry: Entry) -> Group:
    """The group of an entry."""
    return Group(entry.first("cn") or entry.dn, entry.dn, entry.normal, tuple(entry.all("memberOf")))


def above(each: Group | Entry) -> Sequence[str]:
    """The groups that an entry says itself it is in."""
    return each.above if isinstance(each, Group) else each.all("memberOf")


def _by_chain(session: Any, directory: Directory, person: Entry) -> list[Membership]:
    condition = f"(&{directory.group_filter}(member:{IN_CHAIN}:={escape_filter_chars(person.dn)}))"
    try:
        found = [group_of(each) for each in search(session, directory.group_base, condition, NAMES)]
    except (ldap.INAPPROPRIATE_MATCHING, ldap.UNWILLING_TO_PERFORM, ldap.PROTOCOL_ERROR):
        return []
    if len(found) > MOST_GROUPS:
        raise TooManyGroups(f"more than {MOST_GROUPS:,} groups")
    return [Membership(group, (group.name,)) for group in found]


def _naming(session: Any, directory: Directory, level: Sequence[Group | Entry]) -> dict[str, list[Group]]:
    """Groups that name one of these as a member."""
    parents: dict[str, list[Group]] = {}
    for some in parted(level):
        names = "".join(one_of(attribute, [each.dn for each in some]) for attribute in LISTS)
        posix = "".join(_posix(each) for each in some if isinstance(each, Entry))
        # Who is in which of them is asked for only where it is not clear: lists of members can be long.
        wanted = NAMES if len(some) == 1 else (*NAMES, *LISTS)
        for entry in search(
            session, directory.group_base, f"(&{directory.group_filter}(|{names}{posix}))", wanted
        ):
            for child in _children(entry, some):
                parents.setdefault(child, []).append(group_of(entry))
    return parents


def _children(entry: Entry, some: Sequence[Group | Entry]) -> list[str]:
    """Which of these the group names; one that does not say (its list is too long) is taken to be above the first."""
    if len(some) == 1:
        return [some[0].normal]
    named = {normal_dn(dn) for attribute in LISTS for dn in entry.all(attribute)}
    return [each.normal for each in some if each.normal in named] or [some[0].normal]


def _posix(person: Entry) -> str:
    """By which conditions posix groups have somebody as a member: by name, or as the primary group."""
    pairs = (("memberUid", person.first("uid")), ("gidNumber", person.first("gidNumber")))
    return "".join(f"({attribute}={escape_filter_chars(value)})" for attribute, value in pairs if value)


def _named(session: Any, directory: Directory, level: Sequence[Group | Entry]) -> dict[str, list[Group]]:
    """Groups that these say themselves they are in, as far as they stand where groups do."""
    wanted = list(dict.fromkeys(dn for each in level for dn in above(each)))
    found: dict[str, Group] = {}
    for some in parted(wanted):
        condition = f"(&{directory.group_filter}{one_of(directory.dn_attribute, some)})"
        for entry in search(session, directory.group_base, condition, NAMES):
            found[entry.normal] = group_of(entry)
    return {
        each.normal: [found[normal] for dn in above(each) if (normal := normal_dn(dn)) in found]
        for each in level
    }
