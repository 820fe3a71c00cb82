"""How often callers may ask: what an operator sets, and the limits that follow from it."""

from dataclasses import dataclass
from typing import Any

from environs import Env, validate

MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second of each caller, but exports by the hour and the collector's events."""

    token: int
    address: int
    search: int
    misses: int
    page: int
    exports_an_hour: int
    source: int

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """By name: how many come back a second, and how many there are at first."""
        return {
            "token": (self.token, 2 * self.token),
            "address": (self.address, 2 * self.address),
            "search": (self.search, 10 * self.search),
            "misses": (self.misses, 100 * self.misses),
            "page": (self.page, 10 * self.page),
            "export": (self.exports_an_hour / 3600, max(1, self.exports_an_hour / 4)),
            "source": (self.source, 2 * self.source),
            "refusals": (5, 50),
        }


def read_rates(env: Env) -> Rates:
    """The limits of the environment. Raises EnvError naming the variable."""

    def rate(name: str, default: int) -> Any:
        return env.int(name, default, validate=validate.Range(1, MOST))

    return Rates(
        token=rate("API_TOKEN_RATE", 1000),
        address=rate("API_ADDRESS_RATE", 4000),
        search=rate("SEARCH_RATE", 50),
        misses=rate("LOOKUP_MISS_RATE", 100),
        page=rate("PAGE_RATE", 50),
        exports_an_hour=rate("EXPORTS_PER_HOUR", 120),
        source=rate("SOURCE_EVENT_RATE", 100_000),
    )
