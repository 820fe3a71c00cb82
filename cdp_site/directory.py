"""The directory (LDAP) in which staff sign in: what an operator sets, and Django's settings that follow from it."""

import re
from enum import StrEnum
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from environs import Env

from compliance.domain.directory.configuration import Directory, Kind, Lookup

BACKEND = "compliance.directory.DirectoryBackend"
_SCHEMES = ("ldap://", "ldaps://", "ldapi://")
_USER_FILTERS = {
    Kind.OPENLDAP: "(uid=%(user)s)",
    Kind.ACTIVE_DIRECTORY: "(&(objectClass=user)(!(objectClass=computer))(|(sAMAccountName=%(user)s)(userPrincipalName=%(user)s)))",
}
_NAMES = {Kind.OPENLDAP: "uid", Kind.ACTIVE_DIRECTORY: "sAMAccountName"}
_GROUP_CLASSES = {Kind.OPENLDAP: "groupOfNames", Kind.ACTIVE_DIRECTORY: "group"}
_LOOKUPS = {Kind.OPENLDAP: Lookup.MEMBER, Kind.ACTIVE_DIRECTORY: Lookup.CHAIN}
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9;-]*")
MOST_SECONDS = 3.0  # a sign-in takes at most five
# A leaver is out within 90 seconds: this, 20 until a thread of the worker is free, and 25 for the longest run.
LEAST_SYNC_S, MOST_SYNC_S = 5, 45
Choice = TypeVar("Choice", bound=StrEnum)


def read_directory(env: Env) -> Directory | None:
    """The directory of LDAP_URL and its companions; None when it is not set. Raises ImproperlyConfigured."""
    urls = tuple(re.split(r"[\s,]+", env.str("LDAP_URL", "").strip()))
    if urls == ("",):
        return None
    kind = _choice(env, "LDAP_KIND", Kind, Kind.OPENLDAP)
    directory = Directory(
        urls=urls,
        bind_dn=env.str("LDAP_BIND_DN", ""),
        bind_password=env.str("LDAP_BIND_PASSWORD", ""),
        kind=kind,
        user_base=env.str("LDAP_USER_BASE", ""),
        user_filter=env.str("LDAP_USER_FILTER", _USER_FILTERS[kind]),
        name_attribute=env.str("LDAP_NAME_ATTRIBUTE", _NAMES[kind]),
        group_base=env.str("LDAP_GROUP_BASE", ""),
        group_classes=tuple(
            filter(None, re.split(r"[\s,]+", env.str("LDAP_GROUP_CLASS", _GROUP_CLASSES[kind])))
        ),
        lookup=_choice(env, "LDAP_GROUP_LOOKUP", Lookup, _LOOKUPS[kind]),
        roles=env.dict("LDAP_ROLES", {}),
        roles_by_name=env.bool("LDAP_ROLES_BY_NAME", False),
        start_tls=env.bool("LDAP_START_TLS", True),
        ca_file=env.str("LDAP_CA_FILE", ""),
        timeout_s=env.float("LDAP_TIMEOUT_S", 2),
        sync_s=env.int("LDAP_SYNC_S", MOST_SYNC_S),
    )
    _check(directory)
    return directory


def _choice(env: Env, name: str, choices: type[Choice], default: Choice) -> Choice:
    value = env.str(name, default.value).strip().lower().replace("-", "_")
    try:
        return choices(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} should be one of {', '.join(choices)}, not {value!r}") from None


def _check(directory: Directory) -> None:
    if not all(url.startswith(_SCHEMES) for url in directory.urls):
        raise ImproperlyConfigured(
            "LDAP_URL should look like ldap://host or ldaps://host; several are separated by commas"
        )
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
    for name, values in (
        ("LDAP_GROUP_CLASS", directory.group_classes),
        ("LDAP_NAME_ATTRIBUTE", [directory.name_attribute]),
    ):
        if not values or not all(map(_ATTRIBUTE.fullmatch, values)):
            raise ImproperlyConfigured(
                f"{name} should be a name such as {_GROUP_CLASSES[Kind.OPENLDAP]} or uid"
            )
    if directory.lookup is Lookup.CHAIN and directory.kind is not Kind.ACTIVE_DIRECTORY:
        raise ImproperlyConfigured("LDAP_GROUP_LOOKUP=chain is for LDAP_KIND=active_directory alone")
    _check_seconds(directory)


def _check_seconds(directory: Directory) -> None:
    if not 0 < directory.timeout_s <= MOST_SECONDS:
        raise ImproperlyConfigured(f"LDAP_TIMEOUT_S should be more than 0 and at most {MOST_SECONDS:g}")
    if not LEAST_SYNC_S <= directory.sync_s <= MOST_SYNC_S:
        raise ImproperlyConfigured(f"LDAP_SYNC_S should be from {LEAST_SYNC_S} to {MOST_SYNC_S}")


def directory_settings(directory: Directory) -> dict[str, Any]:
    """Django's settings for it. Raises ImproperlyConfigured when the packages for LDAP are not installed.

    How servers are connected to stands in `compliance.domain.directory.session`, which the backend uses.
    """
    try:
        import ldap  # noqa: PLC0415 -- only installations with a directory have it
        from django_auth_ldap.config import LDAPSearch  # noqa: PLC0415 -- as above
    except ImportError as error:
        raise ImproperlyConfigured(
            "LDAP_URL is set, and the packages for LDAP are not installed: pip install -r requirements/ldap.txt"
        ) from error
    from compliance.domain.directory.people import attributes_of  # noqa: PLC0415 -- imports ldap

    return {
        "DIRECTORY": directory,
        "AUTH_LDAP_SERVER_URI": directory.urls[0],
        "AUTH_LDAP_START_TLS": directory.urls[0].startswith("ldap://") and directory.start_tls,
        "AUTH_LDAP_BIND_DN": directory.bind_dn,
        "AUTH_LDAP_BIND_PASSWORD": directory.bind_password,
        "AUTH_LDAP_USER_SEARCH": LDAPSearch(
            directory.user_base, ldap.SCOPE_SUBTREE, directory.user_filter, list(attributes_of(directory))
        ),
        "AUTH_LDAP_PERMIT_EMPTY_PASSWORD": False,
    }
