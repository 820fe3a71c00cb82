import os
import subprocess
import sys
from pathlib import Path

import ldap
import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from cdp_site.directory import directory_settings, read_directory

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
    settings = directory_settings(read(**NEEDED))
    assert settings["AUTH_LDAP_START_TLS"] is True
    assert settings["AUTH_LDAP_PERMIT_EMPTY_PASSWORD"] is False
    options = settings["AUTH_LDAP_CONNECTION_OPTIONS"]
    assert options[ldap.OPT_X_TLS_REQUIRE_CERT] == ldap.OPT_X_TLS_DEMAND
    assert (options[ldap.OPT_NETWORK_TIMEOUT], options[ldap.OPT_TIMEOUT], options[ldap.OPT_REFERRALS]) == (
        5,
        5,
        0,
    )
    assert list(options)[-1] == ldap.OPT_X_TLS_NEWCTX


def test_tls_from_the_first_byte_needs_no_start(read):
    ldaps = read(**{**NEEDED, "LDAP_URL": "ldaps://directory.example.com"})
    assert directory_settings(ldaps)["AUTH_LDAP_START_TLS"] is False
    clear = read(**NEEDED, LDAP_START_TLS="false")
    assert directory_settings(clear)["AUTH_LDAP_START_TLS"] is False


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
