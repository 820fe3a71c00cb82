"""Places where tests can kill, freeze or fail a process: `HEADWATER_FAILPOINTS="consumer.before_commit=kill@3"`.

An entry is `name=action` or `name=action@n` (only the n-th pass counts); entries are separated by commas.
"""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

VARIABLE = "HEADWATER_FAILPOINTS"

# Those of the consumer runtime, in the order in which a worker passes them.
CONSUMER = (
    "lease.before_renewal", "lease.before_claim", "lease.before_take_over", "lease.before_take_over_commits",
    "lease.after_claim", "consumer.after_read", "consumer.after_effects", "consumer.before_commit",
    "consumer.after_commit", "lease.before_release",
)  # fmt: skip
# Those of its outbox, which only a log outside the database has.
OUTBOX = ("outbox.after_write", "outbox.before_send", "outbox.after_send", "outbox.after_delete")


class Action(StrEnum):
    """What happens at a failpoint."""

    KILL = "kill"
    STOP = "stop"
    RAISE = "raise"


class FailpointReached(Exception):
    """Raised by a failpoint whose action is `raise`."""


class _Failpoint(NamedTuple):
    action: Action
    on_pass: int
    passes: Iterator[int]


def parse(text: str) -> dict[str, _Failpoint]:
    """The failpoints of the variable's text. Raises ValueError, naming the entry, when it cannot be read."""
    failpoints = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, rest = entry.partition("=")
        action, _, on_pass = rest.partition("@")
        if not name or action not in set(Action) or not (on_pass or "1").isdecimal():
            raise ValueError(f"{VARIABLE}: {entry!r} should be name=kill|stop|raise or name=action@n")
        failpoints[name] = _Failpoint(Action(action), int(on_pass or 1), itertools.count(1))
    return failpoints


def _act(name: str, failpoint: _Failpoint) -> None:
    if next(failpoint.passes) != failpoint.on_pass:
        return
    if failpoint.action is Action.RAISE:
        raise FailpointReached(name)
    os.kill(os.getpid(), signal.SIGKILL if failpoint.action is Action.KILL else signal.SIGSTOP)


def _armed(failpoints: dict[str, _Failpoint]) -> Callable[[str], None]:
    def reach_armed(name: str) -> None:
        if (failpoint := failpoints.get(name)) is not None:
            _act(name, failpoint)

    return reach_armed


def _unarmed(_name: str, /) -> None:
    return None


_reach: Callable[[str], None] = _unarmed


def reach(name: str) -> None:
    """Pass the failpoint `name`; does nothing unless the environment names it."""
    _reach(name)


def arm(text: str) -> None:
    """Set the failpoints of this process; an empty text removes them all."""
    global _reach  # noqa: PLW0603  # set once per process, so that `reach` costs a call and nothing else
    _reach = _armed(parse(text)) if text else _unarmed


arm(os.environ.get(VARIABLE, ""))
