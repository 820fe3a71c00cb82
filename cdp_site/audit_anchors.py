"""Where anchors of the audit trail are brought: addresses that an operator sets, checked for their form."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

NETWORK_SCHEMES = ("https", "http", "syslog", "syslog+tcp", "syslog+tls")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class AuditAnchors:
    """The places, and the token that HTTP addresses are sent."""

    places: list[str]
    token: str


def read_audit_anchors(env: Env, home: Path) -> AuditAnchors:
    """The places of AUDIT_ANCHORS, else a file of this installation. Raises ImproperlyConfigured."""
    listed: list[str] = env.list("AUDIT_ANCHORS", [])
    given = [place.strip() for place in listed if place.strip()]
    anchors = AuditAnchors(
        given or [f"file:{home / 'anchors' / 'audit.jsonl'}"], env.str("AUDIT_ANCHOR_TOKEN", "")
    )
    for place in anchors.places:
        _check(place, anchors.token)
    return anchors


def _check(place: str, token: str) -> None:
    """Addresses may hold secrets, and are not repeated."""
    try:
        address = urlsplit(place)
        port = address.port
    except ValueError as error:
        raise ImproperlyConfigured("AUDIT_ANCHORS: a port should be a number up to 65535") from error
    if address.scheme == "file":
        if not address.path.startswith("/") or address.netloc:
            raise ImproperlyConfigured(
                "AUDIT_ANCHORS: a file is written with its whole path, as file:/var/anchors/audit.jsonl"
            )
        return
    if address.scheme not in NETWORK_SCHEMES or not address.hostname or port == 0:
        raise ImproperlyConfigured(
            "AUDIT_ANCHORS should be addresses such as https://anchors.example.com/headwater, syslog://host:514, "
            "syslog+tcp://host:601, syslog+tls://host:6514 or file:/path, separated by commas"
        )
    if address.username or address.password:
        raise ImproperlyConfigured(
            "AUDIT_ANCHORS holds a login, and addresses are shown in places: set AUDIT_ANCHOR_TOKEN instead"
        )
    if token and address.scheme == "http" and address.hostname not in LOOPBACK:
        raise ImproperlyConfigured("AUDIT_ANCHOR_TOKEN would be sent in the clear: use https:// addresses")
