"""Servers of others that were set: the mail server and the directory."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings

from cdp_site.doctor.directory import check_directory
from cdp_site.doctor.finding import Finding, good, wrong
from compliance.domain.directory.configuration import directory
from compliance.notices import smtp


def check_neighbours() -> Iterator[Finding]:
    """Those that are set; nothing for those that are not."""
    if smtp.is_set_up():
        yield _mail()
    if (found := directory()) is not None:
        yield from check_directory(found, now=datetime.now(UTC))


def _mail() -> Finding:
    try:
        smtp.sign_in_once()
    except smtp.MailTrouble as trouble:
        return wrong("e-mail", str(trouble), "Correct what it names; Settings, E-mail sends you a test.")
    return good("e-mail", f"{settings.EMAIL_HOST} lets us in")
