"""Sessions with the directory that end in time whatever the server does: also one that accepts and never answers.

libldap's own time-outs do not hold while TLS is being agreed upon. So a session has a deadline, at which its socket is
shut down: whatever waits for it fails at once.
"""

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldap
from ldap.controls.ppolicy import PasswordPolicyControl
from ldap.ldapobject import SimpleLDAPObject

from compliance.domain.directory import failover
from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.reaching import CannotReach, Server, connect, server_of
from compliance.domain.directory.refusals import NONE, Refusal, refusal_of

logger = logging.getLogger(__name__)


class DirectoryAway(Exception):
    """No server can be used now; the message says why, server by server."""


class Session(SimpleLDAPObject):
    """A session with one server. After a bind that was refused, `refusal` says why, as far as the server tells."""

    refusal: Refusal = NONE

    def simple_bind_s(self, who: str = "", cred: str = "", *_rest: Any, **_options: Any) -> Any:
        """Bind, asking OpenLDAP's password policy for its reasons. Raises ldap.LDAPError."""
        self.refusal = NONE
        try:
            answer = super().simple_bind_s(who, cred, serverctrls=[PasswordPolicyControl()])
        except ldap.INVALID_CREDENTIALS as error:
            self.refusal = refusal_of(error.args[0] if error.args else {}, [])
            raise
        self.refusal = refusal_of({}, answer[3])
        if self.refusal is not NONE:  # the server lets them in only to set another password
            raise ldap.INVALID_CREDENTIALS({"desc": self.refusal.why})
        return answer

    def lasts(self, seconds: float) -> None:
        """Have its socket shut down then; this replaces an earlier deadline."""
        if (former := self.__dict__.get("watchdog")) is not None:
            former.cancel()
        self.watchdog = threading.Timer(max(seconds, 0), _shut, [self.sock])
        self.watchdog.daemon = True
        self.watchdog.start()

    def end(self) -> None:
        """Close it, however it is."""
        watchdog: threading.Timer | None = self.__dict__.pop("watchdog", None)
        if watchdog is not None:
            watchdog.cancel()
        try:
            self.unbind_s()
        except ldap.LDAPError:
            logger.debug("a session with the directory was over already")
        if (sock := self.__dict__.pop("sock", None)) is not None:
            sock.close()


def open_session(directory: Directory, *, lasts_s: float) -> Session:
    """A session of the service account with the first server that answers; it ends within `lasts_s` seconds.

    Raises DirectoryAway, ldap.INVALID_CREDENTIALS when the service account is refused.
    """
    deadline, troubles = time.monotonic() + lasts_s, []
    servers = failover.in_order(directory.urls)
    for place, url in enumerate(servers):
        left = deadline - time.monotonic()
        share = min(directory.timeout_s, left * 0.8 / (len(servers) - place))
        try:
            session = _bound_at(directory, url, timeout_s=share, lasts_s=left)
        except ldap.INVALID_CREDENTIALS:
            raise
        except (CannotReach, ldap.LDAPError) as error:
            failover.failed(url)
            troubles.append(told(url, error))
            continue
        failover.answered(url)
        session.lasts(deadline - time.monotonic())
        return session
    raise DirectoryAway("; ".join(troubles))


def _bound_at(directory: Directory, url: str, *, timeout_s: float, lasts_s: float) -> Session:
    session = open_at(directory, server_of(url), timeout_s=timeout_s, lasts_s=lasts_s)
    try:
        session.simple_bind_s(directory.bind_dn, directory.bind_password)
    except ldap.LDAPError:
        session.end()
        raise
    return session


@contextmanager
def session_of(directory: Directory, *, lasts_s: float) -> Iterator[Session]:
    """A session for the block. Raises as `open_session` does."""
    session = open_session(directory, lasts_s=lasts_s)
    try:
        yield session
    finally:
        session.end()


def open_at(directory: Directory, server: Server, *, timeout_s: float, lasts_s: float) -> Session:
    """A session with this server that nobody is bound to; TLS is agreed upon. Raises CannotReach, ldap.LDAPError."""
    began = time.monotonic()
    sock = connect(server, timeout_s=timeout_s)
    left = max(timeout_s - (time.monotonic() - began), 0.1)
    if server.scheme == "ldaps":
        _greet(sock, server, left)
        return _open_encrypted(directory, server, left, lasts_s)
    sock.settimeout(None)
    session = Session(server.url, fileno=os.dup(sock.fileno()))
    session.sock = sock
    session.lasts(left)
    try:
        _set_options(session, directory, timeout_s)
        if server.scheme == "ldap" and directory.start_tls:
            session.start_tls_s()
    except ldap.LDAPError:
        session.end()
        raise
    return session


def told(url: str, error: Exception) -> str:
    """What is wrong with a server, in words."""
    if isinstance(error, ldap.CONNECT_ERROR):
        return f"{url}: its certificate is not trusted, or is for another name"
    if isinstance(error, ldap.SERVER_DOWN | ldap.TIMEOUT):
        return f"{url}: it accepts connections and does not answer"
    return f"{url}: {error}" if isinstance(error, CannotReach) else f"{url}: {type(error).__name__}"


def _greet(sock: socket.socket, server: Server, timeout_s: float) -> None:
    """See that TLS is spoken there at all, before libldap waits for it. Its certificate is checked by libldap."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sock.settimeout(timeout_s)
    try:
        context.wrap_socket(sock).close()
    except OSError:
        sock.close()
        raise CannotReach(f"{server} does not speak TLS: it hangs, or ldap:// is meant") from None


def _open_encrypted(directory: Directory, server: Server, timeout_s: float, lasts_s: float) -> Session:
    """Agree upon TLS: libldap does it at the first thing that is said, so that is said in a thread that can be left."""
    session, trouble = Session(server.url), []
    _set_options(session, directory, timeout_s)

    def begin() -> None:
        try:
            session.search_ext_s("", ldap.SCOPE_BASE, attrlist=["1.1"], timeout=timeout_s)
        except ldap.LDAPError as error:
            trouble.append(error)

    beginning = threading.Thread(target=begin, daemon=True)
    beginning.start()
    beginning.join(timeout_s)
    if beginning.is_alive():
        raise CannotReach(f"{server} does not answer")
    if trouble and not isinstance(trouble[0], ldap.INSUFFICIENT_ACCESS | ldap.NO_SUCH_OBJECT):
        raise _refused_certificate(trouble[0])
    session.sock = socket.socket(fileno=os.dup(session.fileno()))
    session.lasts(lasts_s)
    return session


def _refused_certificate(error: ldap.LDAPError) -> ldap.LDAPError:
    """TLS was spoken a moment ago: a server that is said to be down now is one whose certificate was refused."""
    return ldap.CONNECT_ERROR() if isinstance(error, ldap.SERVER_DOWN) else error


def _set_options(session: Session, directory: Directory, timeout_s: float) -> None:
    """No referrals, and a certificate that must be right. The last option makes those of TLS count."""
    session.set_option(ldap.OPT_REFERRALS, 0)
    session.set_option(ldap.OPT_NETWORK_TIMEOUT, max(timeout_s, 0.1))
    session.set_option(ldap.OPT_TIMEOUT, max(timeout_s, 0.1))
    if directory.ca_file:
        session.set_option(ldap.OPT_X_TLS_CACERTFILE, directory.ca_file)
    session.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)
    session.set_option(ldap.OPT_X_TLS_NEWCTX, 0)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        logger.debug("a session with the directory was over already")
