"""Servers of others that were set: the mail server and the directory."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings

from cdp_site.doctor.finding import Finding, good, wrong
from compliance.notices import smtp


def check_neighbours() -> Iterator[Finding]:
    """Those that are set; nothing for those that are not."""
    if smtp.is_set_up():
        yield _mail()
    if getattr(settings, "AUTH_LDAP_SERVER_URI", ""):
        yield _directory()


def _set(name: str) -> Any:
    """A setting that is there when there is a directory (cdp_site.directory)."""
    return getattr(settings, f"AUTH_LDAP_{name}")


def _mail() -> Finding:
    try:
        smtp.sign_in_once()
    except smtp.MailTrouble as trouble:
        return wrong("e-mail", str(trouble), "Correct what it names; Settings, E-mail sends you a test.")
    return good("e-mail", f"{settings.EMAIL_HOST} lets us in")


def _directory() -> Finding:
    import ldap  # noqa: PLC0415 -- only installations with a directory have it

    uri = _set("SERVER_URI")
    try:
        found = _looked_up(ldap, uri)
    except ldap.INVALID_CREDENTIALS:
        return wrong(
            "directory", f"{uri} does not accept LDAP_BIND_DN with LDAP_BIND_PASSWORD", "Correct them."
        )
    except ldap.NO_SUCH_OBJECT:
        return wrong("directory", "it has no LDAP_USER_BASE of this name", "Correct LDAP_USER_BASE.")
    except ldap.LDAPError as error:
        return wrong(
            "directory", f"{uri} cannot be used: {type(error).__name__}",
            "See LDAP_URL, LDAP_CA_FILE and LDAP_START_TLS. Accounts with a password of ours sign in meanwhile.",
        )  # fmt: skip
    if not found:
        return wrong("directory", "LDAP_USER_BASE holds nobody", "Correct LDAP_USER_BASE, or what LDAP_BIND_DN may read.")  # fmt: skip
    return good("directory", f"{uri} answers")


def _looked_up(ldap: Any, uri: str) -> bool:
    """Whether anything stands below the base of users. Raises ldap.LDAPError."""
    session = ldap.initialize(uri)
    for option, value in _set("CONNECTION_OPTIONS").items():
        session.set_option(option, value)
    try:
        if _set("START_TLS"):
            session.start_tls_s()
        session.simple_bind_s(_set("BIND_DN"), _set("BIND_PASSWORD"))
        search = _set("USER_SEARCH")
        with suppress(ldap.SIZELIMIT_EXCEEDED):
            return bool(
                session.search_ext_s(search.base_dn, ldap.SCOPE_ONELEVEL, attrlist=["1.1"], sizelimit=1)
            )
        return True
    finally:
        session.unbind_s()
