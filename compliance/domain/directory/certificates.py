"""The certificate that a server of the directory shows: what it says, and why it is not trusted when it is not."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from compliance.domain.directory.configuration import Directory
from compliance.domain.directory.reaching import CannotReach, Server, connect

# An ExtendedRequest for StartTLS (RFC 4511, 4.14) and the tag of its answer; the result code follows.
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
_ANSWER, _SUCCESS = 0x78, b"\x0a\x01\x00"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What it says. `trouble` is why it is not trusted; empty when it is."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    expires_at: datetime
    trouble: str = ""


def certificate_of(server: Server, directory: Directory, *, timeout_s: float) -> Certificate:
    """The certificate that the server shows. Raises CannotReach when it does not speak TLS."""
    checking = ssl.create_default_context(cafile=directory.ca_file or None)
    try:
        return _told(_shown(server, checking, timeout_s))
    except ssl.SSLCertVerificationError as error:
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return _told(_shown(server, trusting, timeout_s), trouble=str(error.verify_message).rstrip("."))


def _shown(server: Server, context: ssl.SSLContext, timeout_s: float) -> bytes:
    sock = connect(server, timeout_s=timeout_s)
    sock.settimeout(timeout_s)
    try:
        if server.scheme == "ldap":
            _start_tls(sock, server)
        with context.wrap_socket(sock, server_hostname=server.host) as encrypted:
            shown = encrypted.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError:
        raise
    except OSError as error:
        raise CannotReach(f"{server} does not speak TLS ({type(error).__name__})") from None
    finally:
        sock.close()
    if not shown:
        raise CannotReach(f"{server} shows no certificate")
    return shown


def _start_tls(sock: socket.socket, server: Server) -> None:
    sock.sendall(_START_TLS)
    answer = sock.recv(1024)
    if _ANSWER not in answer[:16] or _SUCCESS not in answer:
        raise CannotReach(f"{server} refuses StartTLS: it has no certificate, or wants ldaps://")


def _told(shown: bytes, trouble: str = "") -> Certificate:
    certificate = x509.load_der_x509_certificate(shown)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = (
            *names.get_values_for_type(x509.DNSName),
            *map(str, names.get_values_for_type(x509.IPAddress)),
        )
    except x509.ExtensionNotFound:
        listed = ()
    return Certificate(
        _common(certificate.subject), _common(certificate.issuer), tuple(listed), certificate.not_valid_after_utc, trouble
    )  # fmt: skip


def _common(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()
