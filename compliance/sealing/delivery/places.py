"""The places of AUDIT_ANCHORS. Their addresses were checked when the settings were read."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from compliance.sealing.delivery.http import post
from compliance.sealing.delivery.local_file import append
from compliance.sealing.delivery.syslog import send

Deliver = Callable[[SplitResult, str], None]  # raises NotDelivered


def deliver_to(place: str, line: str) -> None:
    """Bring the line there, once. Raises NotDelivered saying what happened."""
    address = urlsplit(place)
    _WAYS[address.scheme](address, line)


def own_files() -> list[Path]:
    """The files of this machine among the places, as far as there are any."""
    addresses = [urlsplit(place) for place in settings.AUDIT_ANCHORS]
    paths = [Path(unquote(address.path)) for address in addresses if address.scheme == "file"]
    return [path for path in paths if path.exists()]


def is_off_host(place: str) -> bool:
    """Whether who owns the database may not own the place as well; of a file outside our home that can be so."""
    address = urlsplit(place)
    return address.scheme != "file" or not Path(unquote(address.path)).is_relative_to(settings.HEADWATER_HOME)


_WAYS: dict[str, Deliver] = {
    "file": append, "http": post, "https": post, "syslog": send, "syslog+tcp": send, "syslog+tls": send,
}  # fmt: skip
