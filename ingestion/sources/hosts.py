"""Which addresses a connection may be made to, with what is wrong told as trouble of a source (see compliance.hosts)."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from compliance import hosts
from ingestion.sources.contract import SourceRefused, SourceUnavailable


def checked_addresses(host: str, port: int) -> list[str]:
    """The addresses that a name or an address stands for, the preferred one first.

    Raises SourceRefused when one of them is not to be spoken to, SourceUnavailable when there is none.
    """
    with _told_of_a_source():
        return hosts.checked_addresses(host, port)


def connected(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the first of the addresses that answers, within so many seconds altogether.

    Raises SourceRefused and SourceUnavailable as `checked_addresses`, and the OSError of the last address.
    """
    with _told_of_a_source():
        return hosts.connected(host, port, timeout)


@contextmanager
def _told_of_a_source() -> Iterator[None]:
    try:
        yield
    except hosts.HostRefused as error:
        raise SourceRefused(str(error)) from None
    except hosts.HostUnknown as error:
        raise SourceUnavailable(str(error)) from None
