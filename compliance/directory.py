"""Staff who sign in through the directory (LDAP). Only installations that set LDAP_URL use this module."""

import logging
import unicodedata
from typing import Any

import ldap
from django.conf import settings
from django_auth_ldap.backend import LDAPBackend

from compliance.domain.users import follow_directory
from compliance.models import User

logger = logging.getLogger(__name__)


class DirectoryBackend(LDAPBackend):
    """Checks the password with the directory, and gives the roles of the groups at each sign-in.

    A group is the role of its name, or the one that LDAP_ROLES gives it; who is in none of them does not get in.
    An account that has a password of ours is never the directory's: a name there must not take it over.
    """

    def authenticate_ldap_user(self, ldap_user: Any, password: str) -> User | None:
        """The user with the roles of now, or None."""
        user: User | None = super().authenticate_ldap_user(ldap_user, password)
        if user is None or not user.is_active:
            return None
        try:
            groups = ldap_user.group_names
        except ldap.LDAPError as error:
            logger.warning("the groups of a user cannot be read from the directory: %s", type(error).__name__)
            return None
        renamed = settings.DIRECTORY_ROLES
        return (
            user if follow_directory(user=user, roles={renamed.get(name, name) for name in groups}) else None
        )

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        """The account of this name in its normal form, or a new one."""
        normal = unicodedata.normalize("NFKC", username)
        user, is_new = super().get_or_build_user(normal, ldap_user)
        if not is_new and (user.has_usable_password() or user.is_superuser):
            raise ldap_user.AuthenticationFailed("a local account has this name")
        return user, is_new

    def get_user(self, user_id: int) -> User | None:
        """The user of an open session; None once they are deactivated."""
        user: User | None = super().get_user(user_id)
        return user if user is not None and user.is_active else None
