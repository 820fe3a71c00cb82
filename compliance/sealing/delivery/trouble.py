"""Why an anchor was not delivered."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from compliance.hosts import HostRefused, HostUnknown


class NotDelivered(Exception):
    """The place did not take it. `is_final` says that trying again a moment later is of no use."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


@contextmanager
def reaching() -> Iterator[None]:
    """Within it a host that is refused or unknown, and a certificate that is not trusted, are raised as NotDelivered."""
    try:
        yield
    except (HostRefused, HostUnknown) as error:
        raise NotDelivered(str(error), is_final=isinstance(error, HostRefused)) from error
    except ssl.SSLCertVerificationError as error:
        raise NotDelivered(
            f"its certificate is not trusted: {error.verify_message}", is_final=True
        ) from error
