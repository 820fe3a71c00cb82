"""Groups of every kind, nested, and in cycles; the sign-in and the sync come to the same."""

import re
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.directory import people
from compliance.domain.directory.configuration import Lookup
from compliance.domain.directory.entries import Entry
from compliance.domain.directory.groups import Group, TooManyGroups, memberships, walk
from compliance.domain.directory.reading import all_groups
from compliance.domain.directory.session import session_of
from tests.compliance.slapd import PEOPLE


def groups_of(directory, name) -> dict[str, tuple[str, ...]]:
    """The groups of somebody with their paths; as a sign-in finds them, and as a sync does."""
    with session_of(directory, lasts_s=20) as session:
        [entry] = people.named(session, directory, name)
        asked = {each.group.name: each.path for each in memberships(session, directory, entry)}
        read = {each.group.name for each in all_groups(session, directory).of(entry)}
    assert read == set(asked)
    return asked


def unique(*names):
    return [f"{name}-{uuid.uuid4().hex[:6]}" for name in names]


@pytest.mark.parametrize("lookup", [Lookup.MEMBER, Lookup.MEMBER_OF])
def test_70_groups_in_groups_are_found_with_their_path_and_a_cycle_ends(slapd, directory, person, lookup):
    inner, middle, outer = unique("inner", "middle", "outer")
    uid = person()
    of_inner = slapd.add_group(inner, f"uid={uid},{PEOPLE}")
    of_middle = slapd.add_group(middle, of_inner)
    of_outer = slapd.add_group(outer, of_middle)
    slapd.change(of_inner, f"add: member\nmember: {of_outer}")
    found = groups_of(replace(directory, lookup=lookup), uid)
    assert found == {inner: (inner,), middle: (inner, middle), outer: (inner, middle, outer)}


def test_groups_of_unique_names(slapd, directory, person):
    inner, outer = unique("inner", "outer")
    uid = person()
    kind = {"kind": "groupOfUniqueNames", "lists": "uniqueMember"}
    of_inner = slapd.add_group(inner, f"uid={uid},{PEOPLE}", **kind)
    slapd.add_group(outer, of_inner, **kind)
    assert groups_of(replace(directory, group_classes=("groupOfUniqueNames",)), uid) == {
        inner: (inner,),
        outer: (inner, outer),
    }
    assert groups_of(directory, uid) == {}  # what is no group counts for nothing


def test_posix_groups_by_name_and_as_the_primary_one(slapd, directory, person):
    [listed, primary] = unique("listed", "primary")
    uid = person(more="objectClass: posixAccount\nuidNumber: 5000\ngidNumber: 777\nhomeDirectory: /\n")
    slapd.add_group(listed, uid, kind="posixGroup", lists="memberUid")
    of_primary = slapd.add_group(primary, kind="posixGroup")
    slapd.change(of_primary, "replace: gidNumber\ngidNumber: 777")
    found = groups_of(replace(directory, group_classes=("posixGroup",)), uid)
    slapd.change(of_primary, "replace: gidNumber\ngidNumber: 778")
    assert set(found) == {listed, primary}


@pytest.mark.parametrize("lookup", [Lookup.MEMBER, Lookup.MEMBER_OF])
def test_70_active_directory_groups_in_groups_and_a_cycle(active_slapd, active_directory, lookup):
    inner, outer, name = unique("inner", "outer", "ann")
    of_inner, of_outer = active_slapd.add_ad_group(inner), active_slapd.add_ad_group(outer)
    active_slapd.add_user(name, "alice-harbour-1", groups=(of_inner,))
    active_slapd.join(of_inner, of_outer)
    active_slapd.join(of_outer, of_inner)
    found = groups_of(replace(active_directory, lookup=lookup), name)
    assert found == {inner: (inner,), outer: (inner, outer)}


def test_the_chain_is_asked_for_in_one_search_with_the_rule_of_active_directory(active_directory):
    asked = []

    class Controller:  # what a domain controller is asked; OpenLDAP does not know the rule
        def search_ext(self, base, _scope, condition, **_options):
            asked.append((base, condition))
            return 1

        def result3(self, _sent):
            return (
                None,
                [("CN=Outer,OU=Groups,DC=x", {"cn": [b"Outer"]}), (None, ["ldap://elsewhere"])],
                None,
                [],
            )

    entry = Entry("CN=Ann (x),DC=x", "cn=ann (x),dc=x", {})
    [found] = memberships(Controller(), replace(active_directory, lookup=Lookup.CHAIN), entry)
    assert found.group.name == "Outer"
    assert asked == [
        (
            active_directory.group_base,
            r"(&(objectClass=group)(member:1.2.840.113556.1.4.1941:=CN=Ann \28x\29,DC=x))",
        )
    ]


def test_a_server_that_does_not_walk_the_chain_is_asked_level_by_level(active_slapd, active_directory):
    inner, outer, name = unique("inner", "outer", "ann")
    of_inner, of_outer = active_slapd.add_ad_group(inner), active_slapd.add_ad_group(outer)
    active_slapd.add_user(name, "alice-harbour-1", groups=(of_inner,))
    active_slapd.join(of_inner, of_outer)
    found = groups_of(replace(active_directory, lookup=Lookup.CHAIN), name)
    assert found == {inner: (inner,), outer: (inner, outer)}


@pytest.mark.parametrize("dn", ["CN=Lee\\2C Ann (x)*,DC=x", "CN=a\\00b,DC=x", "CN=x)(objectClass=*,DC=x"])
def test_66_a_name_stays_within_the_filter_of_the_chain(active_directory, dn):
    asked = []

    class Controller:
        def search_ext(self, _base, _scope, condition, **_options):
            asked.append(condition)
            return 1

        def result3(self, _sent):
            return None, [("CN=Outer,DC=x", {"cn": [b"Outer"]})], None, []

    memberships(Controller(), replace(active_directory, lookup=Lookup.CHAIN), Entry(dn, dn.lower(), {}))
    [condition] = asked
    value = condition.removeprefix("(&(objectClass=group)(member:1.2.840.113556.1.4.1941:=").removesuffix(
        "))"
    )
    assert not set("()*\0") & set(value)
    unescaped = re.sub(r"\\([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), value)
    assert unescaped == dn


edges = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40)


@given(edges)
def test_the_walk_finds_what_can_be_reached_once_and_ends(pairs):
    groups = {number: Group(f"g{number}", f"cn=g{number}", f"cn=g{number}") for number in range(9)}
    above = {f"cn=g{low}": {groups[high] for one, high in pairs if one == low} for low, _ in pairs}
    person = Entry("cn=g0", "cn=g0", {})
    asked: list[str] = []

    def parents(level):
        asked.extend(each.normal for each in level)
        return {each.normal: above.get(each.normal, ()) for each in level}

    found = [each.group.normal for each in walk(person, parents)]
    reachable: set[str] = set()
    edge = {"cn=g0"}
    while edge:
        edge = {each.normal for low in edge for each in above.get(low, ())} - reachable - {"cn=g0"}
        reachable |= edge
    assert len(found) == len(set(found))
    assert set(found) == reachable
    assert len(asked) == len(set(asked))


def test_a_directory_that_names_ever_more_groups_is_not_believed():
    def parents(level):
        return {
            each.normal: [Group(name, name, name) for name in (f"{each.normal}a", f"{each.normal}b")]
            for each in level
        }

    with pytest.raises(TooManyGroups):
        walk(Entry("x", "x", {}), parents)
