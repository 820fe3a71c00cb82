"""What a process of the installation does, and how it is run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


def _at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Role:
    """A process that should run for as long as the supervisor does, or, with `once`, until it ends with status 0.

    It is first started once `may_start` says so, asked to stop with SIGTERM, and killed after `stop_seconds`.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    may_start: Callable[[], bool] = _at_once
    stop_seconds: float = 30.0
    once: bool = False
