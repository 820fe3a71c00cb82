"""The settings that are allowed, and unwise where others reach the installation."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from cdp_site.doctor.finding import Finding, good, warning

SUBJECT = "settings"
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_settings() -> Iterator[Finding]:
    """What was read at the start; what is wrong altogether has ended the command before."""
    found = list(_unwise())
    yield from found or [good(SUBJECT, "all are read, and none is unwise")]


def _unwise() -> Iterator[Finding]:
    address = urlsplit(settings.PUBLIC_URL)
    if settings.DEBUG:
        yield warning(SUBJECT, "DEBUG is on, and its error pages show data", "Leave DEBUG out.")
    if address.scheme == "http" and address.hostname not in _LOCAL:
        yield warning(
            SUBJECT, f"browsers reach {address.hostname} without TLS, so sign-ins can be read on the way",
            "End TLS in front of the web server and set PUBLIC_URL=https://…; see docs/guides/operations.md.",
        )  # fmt: skip
    if "*" in settings.ALLOWED_HOSTS:
        yield warning(
            SUBJECT, "ALLOWED_HOSTS takes any name", "Name the hosts at which the web server is reached."
        )
