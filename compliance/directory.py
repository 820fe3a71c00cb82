"""Staff who sign in through the directory (LDAP). Only installations that set LDAP_URL use this module."""

import logging
from datetime import UTC, datetime
from typing import Any

import ldap
from django.conf import settings
from django.db import IntegrityError
from django_auth_ldap.backend import LDAPBackend

from compliance.domain.directory import accounts, failover
from compliance.domain.directory.configuration import Directory, directory
from compliance.domain.directory.entries import Entry, entry_of
from compliance.domain.directory.groups import TooManyGroups, memberships
from compliance.domain.directory.mapping import Mapping
from compliance.domain.directory.refusals import CLOSED
from compliance.domain.directory.session import DirectoryAway, session_of
from compliance.domain.directory.standing import closed_because
from compliance.domain.users import follow_directory
from compliance.models import User

LONGEST_S = 3.5  # a sign-in by the directory, whatever its servers do
AWAY = (
    "The directory cannot be reached, so that nobody signs in by it now. Try again in a minute; "
    "accounts with a password of Headwater sign in as always."
)
logger = logging.getLogger(__name__)


class DirectoryBackend(LDAPBackend):
    """Checks the password with the directory, and gives the roles of the groups at each sign-in.

    A role follows from a group as `mapping` says; who gets none does not get in. An account that has a password of ours
    is never the directory's: a name there must not take it over. What people can do something about is left on the
    request as `sign_in_trouble`, for the page.
    """

    def authenticate_ldap_user(self, ldap_user: Any, password: str) -> User | None:
        """The user with the roles of now, or None; within LONGEST_S."""
        servers = _directory()
        try:
            with (
                failover.bounded(servers.urls, most=max(1, settings.WEB_THREADS // 2)),
                session_of(servers, lasts_s=LONGEST_S) as session,
            ):
                ldap_user._connection, ldap_user._connection_bound = session, True  # noqa: SLF001 -- ours, with a deadline
                user = self._signed_in(ldap_user, password)
                if user is None and session.refusal.told:
                    _tell(ldap_user, session.refusal.told)
                return user
        except (DirectoryAway, failover.Overloaded) as away:
            logger.warning("nobody signs in by the directory: %s", away or "it was away a moment ago")
            _tell(ldap_user, AWAY)
        except ldap.LDAPError as error:
            logger.warning("nobody signs in by the directory: %s", type(error).__name__)
            _tell(ldap_user, AWAY)
        return None

    def _signed_in(self, ldap_user: Any, password: str) -> User | None:
        try:
            user: User | None = super().authenticate_ldap_user(ldap_user, password)
        except IntegrityError:  # their first sign-in, twice at once
            return None
        except UnicodeEncodeError:  # half a character, which no directory has in a name or password
            return None
        if user is None or not user.is_active:
            return None
        entry, servers = _entry(ldap_user), _directory()
        accounts.keep(user, entry, servers, now=datetime.now(UTC))
        try:
            found = memberships(ldap_user.connection, servers, entry)
        except (ldap.LDAPError, TooManyGroups) as error:
            logger.warning("the groups of a user cannot be read from the directory: %s", type(error).__name__)
            return None
        return user if follow_directory(user=user, roles=Mapping(servers).roles(found)) else None

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:  # noqa: ARG002 -- the entry says the name
        """The account of the entry, or a new one; asked once the password was right."""
        entry = _entry(ldap_user)
        if closed_because(entry, now=datetime.now(UTC)):
            _tell(ldap_user, CLOSED)
            raise ldap_user.AuthenticationFailed("the directory has closed the account")
        try:
            user, is_new = accounts.account_of(entry, _directory())
        except accounts.NoAccount as error:
            raise ldap_user.AuthenticationFailed(str(error)) from error
        accounts.take_over(user, entry)
        return user, is_new

    def get_user(self, user_id: int) -> User | None:
        """The user of an open session; None once they are deactivated."""
        user: User | None = super().get_user(user_id)
        return user if user is not None and user.is_active else None


def _directory() -> Directory:
    found = directory()
    assert found is not None, "the backend is there only with a directory"
    return found


def _entry(ldap_user: Any) -> Entry:
    return entry_of(ldap_user.dn, ldap_user.attrs or {})


def _tell(ldap_user: Any, trouble: str) -> None:
    request = ldap_user._request  # noqa: SLF001 -- theirs has no other way
    if request is not None:
        request.sign_in_trouble = trouble
