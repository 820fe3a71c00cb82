"""Fixtures: directories that run, and Headwater set to use one of them."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cdp_site.directory import BACKEND, directory_settings
from compliance.domain.directory import failover
from compliance.domain.directory.configuration import Directory, Kind, Lookup
from tests.compliance.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, LikeActiveDirectory, Slapd

ALICE = "alice-harbour-1"


@contextmanager
def black_hole(scheme="ldap"):
    """A server that accepts connections and never says anything."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(16)
        yield f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="session")
def slapd(tmp_path_factory) -> Iterator[Slapd]:
    server = Slapd(tmp_path_factory.mktemp("slapd"))
    server.begin()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def active_slapd(tmp_path_factory) -> Iterator[LikeActiveDirectory]:
    server = LikeActiveDirectory(tmp_path_factory.mktemp("active"))
    server.begin()
    yield server
    server.stop()


@pytest.fixture
def directory(slapd) -> Directory:
    return Directory(
        urls=(slapd.ldap_uri,), bind_dn=READER, bind_password=READER_PASSWORD, user_base=PEOPLE, group_base=GROUPS,
        roles={"harbour-analysts": "marketer"}, roles_by_name=True, ca_file=slapd.cafile,
    )  # fmt: skip


@pytest.fixture
def active_directory(active_slapd) -> Directory:
    """As LDAP_KIND=active_directory sets it, but for the chain, which OpenLDAP does not walk."""
    return Directory(
        urls=(active_slapd.ldap_uri,), bind_dn=READER, bind_password=READER_PASSWORD, user_base=PEOPLE,
        group_base=GROUPS, kind=Kind.ACTIVE_DIRECTORY, lookup=Lookup.MEMBER_OF, name_attribute="sAMAccountName",
        user_filter="(&(objectClass=user)(!(objectClass=computer))(|(sAMAccountName=%(user)s)(userPrincipalName=%(user)s)))",
        group_classes=("group",), roles_by_name=True, ca_file=active_slapd.cafile,
    )  # fmt: skip


@pytest.fixture
def use(settings):
    """Has Headwater use a directory, of whose servers none has failed."""

    def configure(directory: Directory) -> None:
        for name, value in directory_settings(directory).items():
            setattr(settings, name, value)
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", BACKEND]

    failover.forget()
    yield configure
    failover.forget()


@pytest.fixture
def person(slapd):
    """Makes people of names that no other test uses."""
    made: list[tuple[str, tuple[str, ...]]] = []

    def make(*groups, password=ALICE, more=""):
        uid = f"p{len(made)}-{uuid.uuid4().hex[:8]}"
        slapd.add_person(uid, password, groups, more)
        made.append((uid, groups))
        return uid

    yield make
    for uid, groups in made:
        for group in groups:
            if uid in slapd.members(group):
                slapd.change_group(group, "delete", uid)
