"""The directory (LDAP) in which staff sign in: what an operator sets, and Django's settings that follow from it."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env

BACKEND = "compliance.directory.DirectoryBackend"


@dataclass(frozen=True, slots=True)
class Directory:
    """Where staff and their groups stand. `roles` names the roles of groups that are called otherwise."""

    url: str
    bind_dn: str
    bind_password: str
    user_base: str
    user_filter: str
    group_base: str
    group_class: str
    roles: dict[str, str]
    start_tls: bool
    ca_file: str
    timeout_s: int


def read_directory(env: Env) -> Directory | None:
    """The directory of LDAP_URL and its companions; None when it is not set. Raises ImproperlyConfigured."""
    url = env.str("LDAP_URL", "")
    if not url:
        return None
    directory = Directory(
        url=url,
        bind_dn=env.str("LDAP_BIND_DN", ""),
        bind_password=env.str("LDAP_BIND_PASSWORD", ""),
        user_base=env.str("LDAP_USER_BASE", ""),
        user_filter=env.str("LDAP_USER_FILTER", "(uid=%(user)s)"),
        group_base=env.str("LDAP_GROUP_BASE", ""),
        group_class=env.str("LDAP_GROUP_CLASS", "groupOfNames"),
        roles=env.dict("LDAP_ROLES", {}),
        start_tls=env.bool("LDAP_START_TLS", True),
        ca_file=env.str("LDAP_CA_FILE", ""),
        timeout_s=env.int("LDAP_TIMEOUT_S", 5),
    )
    _check(directory)
    return directory


def _check(directory: Directory) -> None:
    if not directory.url.startswith(("ldap://", "ldaps://", "ldapi://")):
        raise ImproperlyConfigured("LDAP_URL should look like ldap://host or ldaps://host")
    for name, value in (("LDAP_USER_BASE", directory.user_base), ("LDAP_GROUP_BASE", directory.group_base)):
        if "=" not in value:
            raise ImproperlyConfigured(
                f"{name} should be a distinguished name such as ou=people,dc=example,dc=com"
            )
    if "%(user)s" not in directory.user_filter:
        raise ImproperlyConfigured("LDAP_USER_FILTER should contain %(user)s, as in (uid=%(user)s)")
    if bool(directory.bind_dn) != bool(directory.bind_password):
        raise ImproperlyConfigured(
            "LDAP_BIND_DN and LDAP_BIND_PASSWORD go together; without both it is asked as nobody"
        )


def directory_settings(directory: Directory) -> dict[str, Any]:
    """Django's settings for it. Raises ImproperlyConfigured when the packages for LDAP are not installed."""
    try:
        import ldap  # noqa: PLC0415 -- only installations with a directory have it
        from django_auth_ldap.config import GroupOfNamesType, LDAPSearch  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise ImproperlyConfigured(
            "LDAP_URL is set, and the packages for LDAP are not installed: pip install -r requirements/ldap.txt"
        ) from error
    is_clear = directory.url.startswith("ldap://")
    return {
        "AUTH_LDAP_SERVER_URI": directory.url,
        "AUTH_LDAP_START_TLS": is_clear and directory.start_tls,
        "AUTH_LDAP_CONNECTION_OPTIONS": _connection_options(ldap, directory),
        "AUTH_LDAP_BIND_DN": directory.bind_dn,
        "AUTH_LDAP_BIND_PASSWORD": directory.bind_password,
        "AUTH_LDAP_USER_SEARCH": LDAPSearch(directory.user_base, ldap.SCOPE_SUBTREE, directory.user_filter),
        "AUTH_LDAP_GROUP_SEARCH": LDAPSearch(
            directory.group_base, ldap.SCOPE_SUBTREE, f"(objectClass={directory.group_class})"
        ),
        "AUTH_LDAP_GROUP_TYPE": GroupOfNamesType(),
        "AUTH_LDAP_USER_ATTR_MAP": {"first_name": "givenName", "last_name": "sn", "email": "mail"},
        "AUTH_LDAP_PERMIT_EMPTY_PASSWORD": False,
        "DIRECTORY_ROLES": directory.roles,
    }


def _connection_options(ldap: Any, directory: Directory) -> dict[int, Any]:
    """Time-outs, no referrals, and a certificate that must be right. The last one makes the TLS options count."""
    trusted = {ldap.OPT_X_TLS_CACERTFILE: directory.ca_file} if directory.ca_file else {}
    return {
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_NETWORK_TIMEOUT: directory.timeout_s,
        ldap.OPT_TIMEOUT: directory.timeout_s,
        **trusted,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
        ldap.OPT_X_TLS_NEWCTX: 0,
    }
