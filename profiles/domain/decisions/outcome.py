"""What a decision brought about, and why one could not be taken."""

from typing import NamedTuple
from uuid import UUID


class Decided(NamedTuple):
    """Who is who after a decision.

    `profiles` are the live ids of who has the identifiers concerned now, the eldest first. `still_one` says that all
    of them are one person, and `because` is then the chain of links (ids of evidence) that holds them together.
    `deferred` says that so much hangs together that it is decided in the background.
    """

    profiles: list[UUID]
    still_one: bool
    because: list[int]
    deferred: bool


class AlreadyDecided(Exception):
    """Somebody else, or the same decision sent twice, came first: nothing was changed."""


class Undecidable(ValueError):
    """The decision makes no sense as things are; says what to do instead."""


class UnknownLink(LookupError):
    """The person has no such link or identifier (any more)."""

    def __init__(self, what: str = "link") -> None:
        super().__init__(
            f"This person has no such {what}: it may belong to somebody else by now. Open the page again."
        )


class UnknownReview(LookupError):
    """No link with this number was ever refused."""

    def __init__(self) -> None:
        super().__init__("There is nothing to review under this number.")
