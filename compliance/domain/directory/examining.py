"""Test the connection to the directory step by step, and say of each step that fails what to do."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import ldap

from compliance.addresses import is_address
from compliance.domain.directory import people
from compliance.domain.directory.certificates import certificate_of
from compliance.domain.directory.configuration import Directory, Kind
from compliance.domain.directory.reaching import CannotReach, Server, connect, resolve, server_of
from compliance.domain.directory.session import Session, open_at

STEP_S, LONGEST_S = 3.0, 20.0
MOST_COUNTED = 5_000
SOON = timedelta(days=30)
_ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"  # among the capabilities of every domain controller


class Verdict(StrEnum):
    """How a step went."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was tried, how it went, what was found, and what to do about it."""

    title: str
    verdict: Verdict
    said: str
    advice: str = ""
    server: str = ""


def examine(directory: Directory, *, now: datetime) -> tuple[list[Step], Session | None]:
    """All steps, and a session of the service account with the first server where all went well; the caller ends it."""
    steps: list[Step] = []
    usable: Session | None = None
    for url in directory.urls:
        found, session = _server(directory, server_of(url), now)
        steps += found
        if usable is None:
            usable = session
        elif session is not None:
            session.end()
    if usable is not None:
        steps += _content(usable, directory)
    return steps, usable


def _server(directory: Directory, server: Server, now: datetime) -> tuple[list[Step], Session | None]:
    """One server: its name, its port, its certificate, the service account. What follows a failure is not tried."""
    steps = []
    for step in (_name, _port, _encryption):
        done = step(directory, server, now)
        if done is not None:
            steps.append(done)
            if done.verdict is Verdict.WRONG:
                return steps, None
    bound, session = _bound(directory, server)
    return [*steps, bound], session


def _name(_directory: Directory, server: Server, _now: datetime) -> Step | None:
    if server.path or is_address(server.host):
        return None
    try:
        found = resolve(server.host, timeout_s=STEP_S)
    except CannotReach as error:
        return _wrong(
            "Name", f"{error}.", "Correct the name in LDAP_URL, or the name servers of this machine.", server
        )
    return Step("Name", Verdict.GOOD, f"{server.host} is {', '.join(found[:4])}.", server=server.url)


def _port(_directory: Directory, server: Server, _now: datetime) -> Step:
    began = time.monotonic()
    try:
        connect(server, timeout_s=STEP_S).close()
    except CannotReach as error:
        advice = "See that the server runs, that the port is right, and that the firewall lets this machine through."
        return _wrong("Port", f"{error}.", advice, server)
    return Step(
        "Port",
        Verdict.GOOD,
        f"{server} answers after {(time.monotonic() - began) * 1000:.0f} ms.",
        server=server.url,
    )


def _encryption(directory: Directory, server: Server, now: datetime) -> Step | None:
    if server.path:
        return None
    if not directory.is_encrypted(server.url):
        return Step(
            "Encryption", Verdict.WARNING, "None: passwords cross the network in the clear.",
            "Set LDAP_START_TLS=true, or use ldaps://.", server.url,
        )  # fmt: skip
    try:
        shown = certificate_of(server, directory, timeout_s=STEP_S)
    except (CannotReach, OSError) as error:
        return _wrong(
            "Encryption", f"{error}.", "Give the server a certificate, or correct LDAP_URL.", server
        )
    what = f"{shown.subject}, by {shown.issuer}, until {shown.expires_at:%Y-%m-%d}"
    if shown.trouble:
        advice = (
            "If it is the right server, name in LDAP_CA_FILE a file with the certificate of who vouches for it, and in "
            f"LDAP_URL a name that it is for ({', '.join(shown.names[:4]) or 'it says none'}). If not, somebody is in between."
        )
        return _wrong(
            "Encryption", f"The certificate is not trusted: {shown.trouble} ({what}).", advice, server
        )
    if shown.expires_at - now < SOON:
        return Step(
            "Encryption",
            Verdict.WARNING,
            f"The certificate ends soon: {what}.",
            "Have it renewed.",
            server.url,
        )
    return Step("Encryption", Verdict.GOOD, f"Trusted: {what}.", server=server.url)


def _bound(directory: Directory, server: Server) -> tuple[Step, Session | None]:
    who = directory.bind_dn or "nobody (no LDAP_BIND_DN)"
    session: Session | None = None
    try:
        session = open_at(directory, server, timeout_s=STEP_S, lasts_s=LONGEST_S)
        session.lasts(LONGEST_S)
        session.simple_bind_s(directory.bind_dn, directory.bind_password)
    except (CannotReach, ldap.LDAPError) as error:
        said, advice = _refused(error, session)
        if session is not None:
            session.end()
        return _wrong("Service account", said, advice, server), None
    return Step("Service account", Verdict.GOOD, f"{who} is let in.", server=server.url), session


def _refused(error: Exception, session: Session | None) -> tuple[str, str]:
    if isinstance(error, ldap.INVALID_CREDENTIALS):
        why = session.refusal.why if session else ""
        return f"Its password is refused. {why}".strip(), "Correct LDAP_BIND_DN and LDAP_BIND_PASSWORD."
    if isinstance(error, ldap.STRONG_AUTH_REQUIRED | ldap.CONFIDENTIALITY_REQUIRED):
        return "The server wants encryption.", "Set LDAP_START_TLS=true, or use ldaps://."
    if isinstance(error, CannotReach):
        return f"{error}.", "See that the server runs and is not overloaded."
    return f"The server answers {type(error).__name__}.", "See what the server's own log says of it."


def _content(session: Session, directory: Directory) -> Iterator[Step]:
    yield from _kind(session, directory)
    yield _counted(
        session, "People", directory.user_base, people.everybody(directory),
        "Correct LDAP_USER_BASE and LDAP_USER_FILTER, or let LDAP_BIND_DN read there.",
    )  # fmt: skip
    yield _counted(
        session, "Groups", directory.group_base, directory.group_filter,
        "Correct LDAP_GROUP_BASE and LDAP_GROUP_CLASS, or let LDAP_BIND_DN read there.",
    )  # fmt: skip


def _kind(session: Session, directory: Directory) -> Iterator[Step]:
    """Whether the server is what LDAP_KIND says; a server that does not tell is believed."""
    told: list[Any] = []
    with suppress(ldap.LDAPError):
        root = session.search_ext_s("", ldap.SCOPE_BASE, attrlist=["supportedCapabilities"])
        told = root[0][1].get("supportedCapabilities", []) if root else []
    if (_ACTIVE_DIRECTORY in told) == (directory.kind is Kind.ACTIVE_DIRECTORY):
        return
    said = (
        "The server says that it is Active Directory"
        if _ACTIVE_DIRECTORY in told
        else "The server does not say that it is Active Directory"
    )
    advice = f"Set LDAP_KIND={Kind.ACTIVE_DIRECTORY if _ACTIVE_DIRECTORY in told else Kind.OPENLDAP}, unless you know better."
    yield Step("Kind", Verdict.WARNING, f"{said}; LDAP_KIND is {directory.kind}.", advice)


def _counted(session: Session, title: str, base: str, condition: str, advice: str) -> Step:
    try:
        count = people.count(session, base, condition, most=MOST_COUNTED)
    except ldap.NO_SUCH_OBJECT:
        return Step(title, Verdict.WRONG, f"There is no {base}.", advice)
    except ldap.FILTER_ERROR:
        return Step(title, Verdict.WRONG, f"{condition} is no filter.", advice)
    except ldap.SIZELIMIT_EXCEEDED:
        limit = "Have the server let LDAP_BIND_DN read more (OpenLDAP: olcLimits with size=unlimited)."
        return Step(title, Verdict.WRONG, f"There are more below {base} than the server gives.", limit)
    except ldap.LDAPError as error:
        return Step(title, Verdict.WRONG, f"{base} cannot be read: {type(error).__name__}.", advice)
    if not count:
        return Step(title, Verdict.WRONG, f"None below {base}.", advice)
    more = "or more " if count >= MOST_COUNTED else ""
    return Step(title, Verdict.GOOD, f"{count:,} {more}below {base}.")


def _wrong(title: str, said: str, advice: str, server: Server) -> Step:
    return Step(title, Verdict.WRONG, said, advice, server.url)
