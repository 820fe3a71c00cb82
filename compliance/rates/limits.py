"""The limits of this installation, by name: how often each of those whom a limit is of may do what it limits."""

from functools import cache, lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

from compliance.rates.buckets import Buckets, Table

_V6_OF_ONE = 64  # the part of an IPv6 address that a customer of a provider does not choose


@cache
def limit(name: str) -> Buckets:
    """The buckets of a limit of RATE_LIMITS; all processes of this machine take from the same."""
    rate, burst = settings.RATE_LIMITS[name]
    return Buckets(rate, burst, name=name, table=table())


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """Whom an address counts as: of IPv6 its network, since one machine has as many addresses there as it likes."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _V6_OF_ONE), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


@cache
def table() -> Table:
    """The levels of all of them."""
    return Table(settings.HEADWATER_HOME / "run" / "rates")
