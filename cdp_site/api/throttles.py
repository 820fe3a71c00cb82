"""How often one caller may ask (docs/adr/0126).

A request counts for who asks and for where it comes from, before it is known whether they may do what they ask for.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from compliance.addresses import address_of
from compliance.rates.callers import caller_of
from compliance.rates.limits import limit, network_of

COUNTED = "headwater.counted"  # in the environment of a request that was counted, and may be begun again


class CallerThrottle(BaseThrottle):
    """The limits of each API token and member of staff, of each address, and of what the view says that it costs."""

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether the caller has a request left."""
        if COUNTED in request.META:
            return True
        request.META[COUNTED] = True
        address = network_of(address_of(request._request))  # noqa: SLF001 -- Django's request behind DRF's
        self._wait = limit("address").take(address)
        if not self._wait and request.user.is_authenticated:
            self._wait = _of_caller(caller_of(request), getattr(view, "costs", ""))
        return not self._wait

    def wait(self) -> float:
        """Seconds until the next request is allowed."""
        return self._wait


def _of_caller(caller: str, cost: str) -> float:
    return limit("token").take(caller) or (limit(cost).take(caller) if cost else 0.0)
