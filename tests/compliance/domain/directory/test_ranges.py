"""Lists of members that a domain controller gives 1,500 at a time, referrals to other domains, and answers without an end."""

from dataclasses import replace

import ldap
import pytest

from compliance.domain.directory.configuration import Lookup
from compliance.domain.directory.entries import Entry, search
from compliance.domain.directory.groups import LISTS, NAMES, memberships
from compliance.domain.directory.ranges import EndlessList, whole
from compliance.domain.directory.reading import all_groups
from compliance.domain.directory.session import session_of
from tests.compliance.like_domain_controller import Controller

STAFF = "CN=Staff,OU=Groups,DC=harbour,DC=test"
LAST = "CN=p3199,DC=harbour,DC=test"


def members(count):
    return [f"CN=p{number},DC=harbour,DC=test".encode() for number in range(count)]


def controller(count, **options):
    return Controller(
        {STAFF: {"cn": [b"Staff"], "member": members(count)}},
        finds=lambda _base, _condition: [STAFF],
        **options,
    )


@pytest.fixture
def session_at(active_directory):
    def open_at(url):
        at = replace(active_directory, urls=(url,), start_tls=False, lookup=Lookup.MEMBER)
        return session_of(at, lasts_s=30)

    return open_at


@pytest.mark.parametrize("count", [1, 1_499, 1_500, 1_501, 3_000, 3_200])
def test_all_members_are_read_however_many_there_are(session_at, count):
    with controller(count).serving() as url, session_at(url) as session:
        [group] = search(session, "DC=harbour,DC=test", "(objectClass=group)", (*NAMES, *LISTS))
    assert group.all("member") == [each.decode() for each in members(count)]


def test_the_last_of_many_is_a_member_at_sign_in_and_in_the_sync(session_at, active_directory):
    walked = replace(active_directory, lookup=Lookup.MEMBER)
    person = Entry(LAST, LAST.lower(), {})
    with controller(3_200).serving() as url, session_at(url) as session:
        assert [each.group.name for each in all_groups(session, walked).of(person)] == ["Staff"]
        assert [each.group.name for each in memberships(session, walked, person)] == ["Staff"]


def test_referrals_to_other_domains_are_not_followed(session_at):
    elsewhere = controller(3, referrals=("ldap://127.0.0.1:1/DC=other,DC=test",))
    with elsewhere.serving() as url, session_at(url) as session:
        assert [each.dn for each in search(session, "DC=harbour,DC=test", "(cn=*)", NAMES)] == [STAFF]


def test_an_answer_that_never_ends_is_ended(active_directory):
    with controller(1, endless=True).serving() as url:
        at = replace(active_directory, urls=(url,), start_tls=False)
        with pytest.raises(ldap.LDAPError), session_of(at, lasts_s=0.5) as session:
            list(search(session, "DC=harbour,DC=test", "(cn=*)", NAMES))


class Ever:
    """A server that always has one more value."""

    def search_ext_s(self, _dn, _scope, attrlist):
        first = int(attrlist[0].partition("=")[2].partition("-")[0])
        return [("cn=x", {f"member;range={first}-{first}": [b"cn=y"]})]


def test_a_list_that_never_ends_is_not_followed():
    with pytest.raises(EndlessList):
        whole(Ever(), "cn=x", {"member;range=0-0": [b"cn=y"]})
