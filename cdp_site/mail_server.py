"""The mail server through which notices go out: what an operator sets, and Django's settings that follow from it."""

from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

SECURITIES = ("starttls", "tls", "none")
USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mails go. `security` is how: STARTTLS that is insisted on, TLS from the first byte, or in the clear."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    ca_file: str
    timeout_s: int


def read_mail_server(env: Env) -> MailServer | None:
    """The server of SMTP_HOST and its companions; None when it is not set. Raises ImproperlyConfigured, EnvError."""
    host = env.str("SMTP_HOST", "")
    if not host:
        return None
    security = env.str("SMTP_SECURITY", "starttls", validate=validate.OneOf(SECURITIES))
    server = MailServer(
        host=host,
        port=env.int("SMTP_PORT", USUAL_PORTS[security], validate=validate.Range(1, 65535)),
        security=security,
        user=env.str("SMTP_USER", ""),
        password=env.str("SMTP_PASSWORD", ""),
        sender=env.str("SMTP_FROM", ""),
        ca_file=env.str("SMTP_CA_FILE", ""),
        timeout_s=env.int("SMTP_TIMEOUT_S", 10, validate=validate.Range(1, 60)),
    )
    _check(server)
    return server


def _check(server: MailServer) -> None:
    address = parseaddr(server.sender)[1]
    if "@" not in address or not server.sender.isprintable():
        raise ImproperlyConfigured(
            "SMTP_FROM should be the address that e-mails come from, such as Headwater <headwater@example.com>"
        )
    if "/" in server.host or not server.host.isprintable() or " " in server.host:
        raise ImproperlyConfigured("SMTP_HOST should be the name of a mail server, such as mail.example.com")
    if bool(server.user) != bool(server.password):
        raise ImproperlyConfigured("SMTP_USER and SMTP_PASSWORD go together; without both nobody signs in")
    if server.user and server.security == "none":
        raise ImproperlyConfigured(
            "SMTP_PASSWORD would be sent in the clear: set SMTP_SECURITY to starttls or tls"
        )
    if server.ca_file and not Path(server.ca_file).is_file():
        raise ImproperlyConfigured(
            "SMTP_CA_FILE should name a file of certificates that this process can read"
        )


def mail_settings(server: MailServer | None) -> dict[str, Any]:
    """Django's settings for it; an empty EMAIL_HOST when there is none."""
    if server is None:
        return {"EMAIL_HOST": ""}
    return {
        "EMAIL_HOST": server.host,
        "EMAIL_PORT": server.port,
        "EMAIL_HOST_USER": server.user,
        "EMAIL_HOST_PASSWORD": server.password,
        "EMAIL_USE_TLS": server.security == "starttls",
        "EMAIL_USE_SSL": server.security == "tls",
        "EMAIL_CA_FILE": server.ca_file,
        "EMAIL_TIMEOUT": server.timeout_s,
        "DEFAULT_FROM_EMAIL": server.sender,
    }
