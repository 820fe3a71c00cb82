"""A directory of more entries than one page holds, and of more than the server gives."""

from dataclasses import replace

import pytest

from compliance.domain.directory.entries import search
from compliance.domain.directory.examining import Verdict, examine
from compliance.domain.directory.reading import all_groups
from compliance.domain.directory.session import session_of
from compliance.domain.directory.syncing import SyncFailed, sync
from compliance.models import DirectoryAccount, User
from tests.compliance.conftest import NOW
from tests.compliance.slapd import READER, SUFFIX

MANY = 1_234
BASE = f"ou=many,{SUFFIX}"
ONE = "dn: cn=g{number},{base}\nobjectClass: groupOfNames\ncn: g{number}\nmember: {member}\n"


@pytest.fixture(scope="module")
def many(slapd):
    """A branch of so many groups of one member."""
    entries = [f"dn: {BASE}\nobjectClass: organizationalUnit\nou: many\n"]
    entries += [ONE.format(number=number, base=BASE, member=READER) for number in range(MANY)]
    slapd.ldapadd("\n".join(entries))
    yield
    slapd.ldapdelete(BASE, True)


@pytest.fixture
def limited(directory, many):
    """As a service account that may read 500 entries, which is what OpenLDAP gives by itself."""
    return replace(directory, group_base=BASE, user_base=SUFFIX, user_filter="(cn=%(user)s)")


@pytest.fixture
def unlimited(limited, slapd):
    return replace(limited, bind_dn=slapd.root_dn, bind_password=slapd.root_pw)


def test_more_than_a_thousand_are_read_page_by_page(unlimited):
    with session_of(unlimited, lasts_s=60) as session:
        found = [each.first("cn") for each in search(session, BASE, "(objectClass=groupOfNames)", ["cn"])]
        assert sorted(found) == sorted(f"g{number}" for number in range(MANY))
        [reader] = search(session, READER, "(objectClass=*)", ["cn"])
        assert len(all_groups(session, unlimited).of(reader)) == MANY


def test_a_server_that_gives_less_than_there_is_is_told_of(limited):
    steps, session = examine(limited, now=NOW)
    assert session is not None
    session.end()
    [groups] = [step for step in steps if step.title == "Groups"]
    assert groups.verdict is Verdict.WRONG
    assert "more below" in groups.said
    assert "olcLimits" in groups.advice


@pytest.mark.django_db
def test_what_was_read_in_part_shuts_nobody_out(limited, use):
    use(limited)
    user = User(username="reader", is_staff=True)
    user.set_unusable_password()
    user.save()
    DirectoryAccount.objects.create(user=user, entry_id="entryuuid:gone", seen_at=NOW)
    with pytest.raises(SyncFailed, match="gives LDAP_BIND_DN a part only"):
        sync(limited, now=NOW)
    assert User.objects.get(pk=user.pk).is_active
