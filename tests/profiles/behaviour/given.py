"""Facts of one anchor and source, told in seconds."""

from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind
from profiles.behaviour.visits import Visit, visit_of
from profiles.sessions.points import Mark

ANCHOR = "6f1c0f9e-0000-4000-8000-000000000001"
SECOND = 1_000_000
HALF_AN_HOUR = 1800 * SECOND


def fact(
    seconds: float, kind: Kind = Kind.OTHER, element: str = "", *, mark: int = Mark.NONE, **said: object
) -> Fact:
    """A fact whose message follows from what it says."""
    time = round(seconds * SECOND)
    message = f"{time} {kind} {element} {mark}"[:16].ljust(16).encode()
    return Fact(time, mark, message, kind, element, **{"label": element, **said})  # type: ignore[arg-type]


def single(given: Fact, key: str = "") -> Visit:
    return visit_of(ANCHOR, 1, given, key)
