import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from cdp_site.directory import directory_settings, read_directory
from cdp_site.schedule import BEAT_SCHEDULE, following_directory
from compliance.domain.directory.configuration import Kind, Lookup
from compliance.domain.directory.syncing import LONGEST_S
from ingestion import tasks as ingestion_tasks

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {
    "LDAP_URL": "ldap://directory.example.com",
    "LDAP_USER_BASE": "ou=people,dc=example,dc=com",
    "LDAP_GROUP_BASE": "ou=groups,dc=example,dc=com",
}


@pytest.fixture
def read(monkeypatch):
    def read(**variables):
        for name in [name for name in os.environ if name.startswith("LDAP_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return read_directory(Env())

    return read


def test_without_an_address_there_is_no_directory(read):
    assert read(LDAP_USER_BASE="ou=people") is None


def test_what_is_needed_is_enough_and_safe(read):
    found = read(**NEEDED)
    settings = directory_settings(found)
    assert settings["AUTH_LDAP_START_TLS"] is True
    assert settings["AUTH_LDAP_PERMIT_EMPTY_PASSWORD"] is False
    assert settings["DIRECTORY"] == found
    assert found.is_encrypted(found.urls[0])
    assert (found.kind, found.lookup, found.roles_by_name) == (Kind.OPENLDAP, Lookup.MEMBER, False)


def test_several_servers_in_their_order(read):
    urls = ("ldaps://one.example.com", "ldap://two.example.com:3389", "ldaps://three.example.com")
    assert read(**{**NEEDED, "LDAP_URL": f"{urls[0]}, {urls[1]} {urls[2]}"}).urls == urls


def test_active_directory_brings_its_own_names(read):
    found = read(**NEEDED, LDAP_KIND="active_directory")
    assert (found.name_attribute, found.group_classes, found.lookup) == (
        "sAMAccountName",
        ("group",),
        Lookup.CHAIN,
    )
    assert "userPrincipalName=%(user)s" in found.user_filter


def test_the_password_of_the_service_account_is_not_shown(read):
    assert "hidden7" not in repr(read(**NEEDED, LDAP_BIND_DN="cn=reader", LDAP_BIND_PASSWORD="hidden7"))


def test_tls_from_the_first_byte_needs_no_start(read):
    ldaps = read(**{**NEEDED, "LDAP_URL": "ldaps://directory.example.com"})
    assert directory_settings(ldaps)["AUTH_LDAP_START_TLS"] is False
    clear = read(**NEEDED, LDAP_START_TLS="false")
    assert directory_settings(clear)["AUTH_LDAP_START_TLS"] is False
    assert not clear.is_encrypted(clear.urls[0])
    assert replace(clear, urls=ldaps.urls).is_encrypted(ldaps.urls[0])


def test_groups_of_other_names(read):
    assert read(**NEEDED, LDAP_ROLES="cdp-analysts=marketer,cdp-admins=administrator").roles == {
        "cdp-analysts": "marketer",
        "cdp-admins": "administrator",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"LDAP_URL": "directory.example.com"}, "LDAP_URL should look like"),
        ({"LDAP_USER_BASE": ""}, "LDAP_USER_BASE should be a distinguished name"),
        ({"LDAP_GROUP_BASE": "groups"}, "LDAP_GROUP_BASE should be a distinguished name"),
        ({"LDAP_USER_FILTER": "(uid=alice)"}, r"LDAP_USER_FILTER should contain %\(user\)s"),
        ({"LDAP_URL": "ldaps://one.example.com,two.example.com"}, "LDAP_URL should look like"),
        ({"LDAP_KIND": "novell"}, "LDAP_KIND should be one of openldap, active_directory"),
        ({"LDAP_GROUP_LOOKUP": "guess"}, "LDAP_GROUP_LOOKUP should be one of"),
        ({"LDAP_GROUP_LOOKUP": "chain"}, "for LDAP_KIND=active_directory alone"),
        ({"LDAP_GROUP_CLASS": "group)(cn=*"}, "LDAP_GROUP_CLASS should be a name"),
        ({"LDAP_NAME_ATTRIBUTE": "uid=x"}, "LDAP_NAME_ATTRIBUTE should be a name"),
        ({"LDAP_TIMEOUT_S": "30"}, "LDAP_TIMEOUT_S should be more than 0"),
        ({"LDAP_BIND_DN": "cn=reader"}, "LDAP_BIND_DN and LDAP_BIND_PASSWORD go together"),
    ],
)
def test_what_is_wrong_is_named(read, change, message):
    with pytest.raises(ImproperlyConfigured, match=message):
        read(**{**NEEDED, **change})


def test_the_settings_follow_the_environment():
    code = "import django; django.setup(); from django.conf import settings as s; print(s.AUTHENTICATION_BACKENDS[-1], s.AUTH_LDAP_SERVER_URI)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **NEEDED, "DJANGO_SETTINGS_MODULE": "cdp_site.settings"},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.stdout.split() == ["compliance.directory.DirectoryBackend", NEEDED["LDAP_URL"]]


@pytest.mark.parametrize("seconds", ["5", "45"])
def test_it_is_followed_as_often_as_it_is_set(read, seconds):
    assert read(**NEEDED, LDAP_SYNC_S=seconds).sync_s == int(seconds)
    [entry] = following_directory(int(seconds)).values()
    assert entry["schedule"].total_seconds() == int(seconds)


def test_it_is_followed_often_enough_for_the_promise_of_90_seconds(read):
    waits_for_a_thread = ingestion_tasks.SLICE_S
    assert read(**NEEDED).sync_s + waits_for_a_thread + LONGEST_S <= 90
    assert BEAT_SCHEDULE.items() >= following_directory(read(**NEEDED).sync_s).items()
    for seconds in ("4", "46", "0"):
        with pytest.raises(ImproperlyConfigured, match="LDAP_SYNC_S should be from 5 to 45"):
            read(**NEEDED, LDAP_SYNC_S=seconds)
