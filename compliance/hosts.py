"""Which addresses a connection to another system may be made to.

People name hosts, and those of their own network are legitimate. Not so what a machine alone sees: link-local addresses, where
clouds keep credentials. What counts is the address that a name stands for, so whoever connects does so to what is given here.
"""

import socket
import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_SHORTEST_S = 0.1
_TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address behind NAT64
_COMPATIBLE = IPv6Network("::/96")
_CREDENTIALS = IPv6Address("fd00:ec2::254")  # where a cloud keeps them beside link-local


class HostRefused(Exception):
    """The host is not to be spoken to."""


class HostUnknown(Exception):
    """The name stands for no address."""


def checked_addresses(host: str, port: int) -> list[str]:
    """The addresses that a name or an address stands for, however it is written, the preferred one first.

    Raises HostRefused when one of them is not to be spoken to, HostUnknown when there is none.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnknown(f"The name of the host {host} is not known: check how it is written.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if any(is_forbidden(address) for address in addresses):
        raise HostRefused(
            f"{host} stands for an address that only this machine itself sees: connections are not made to it."
        )
    return addresses


def connected(host: str, port: int, timeout: float) -> socket.socket:
    """A connection to the first of the addresses that answers, within so many seconds altogether.

    Raises HostRefused and HostUnknown as `checked_addresses`, and the OSError of the last address.
    """
    *others, last = checked_addresses(host, port)
    until = time.monotonic() + timeout
    for number, address in enumerate(others):
        share = (until - time.monotonic()) / (len(others) + 1 - number)
        try:
            return socket.create_connection((address, port), timeout=max(share, _SHORTEST_S))
        except OSError:
            continue
    return socket.create_connection((last, port), timeout=max(until - time.monotonic(), _SHORTEST_S))


def is_forbidden(address: str) -> bool:
    """Whether nothing may be connected to: link-local, unspecified or multicast, in any clothing."""
    return any(
        each.is_link_local or each.is_unspecified or each.is_multicast or each == _CREDENTIALS
        for each in _meanings(ip_address(address.partition("%")[0]))
    )


def _meanings(address: Address) -> list[Address]:
    """The address, and those of IPv4 that it carries."""
    if isinstance(address, IPv4Address):
        return [address]
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED or address in _COMPATIBLE:
        last = IPv4Address(int(address) & 0xFFFFFFFF)
        carried.append(None if int(last) <= 1 else last)  # :: and ::1 carry none
    return [address, *(each for each in carried if each is not None)]
