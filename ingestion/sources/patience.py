"""How long a kind may wait of its own accord: in a run for minutes, but not while a person looks at a screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

BRIEFLY_S = 5.0

_longest: ContextVar[float | None] = ContextVar("longest", default=None)


@contextmanager
def somebody_waits() -> Iterator[None]:
    """Within it, and in a function that it decorates, only brief waits are worth while."""
    token = _longest.set(BRIEFLY_S)
    try:
        yield
    finally:
        _longest.reset(token)


def longest_wait(usual: float) -> float:
    """For how long to wait, when in a run it would be for so long."""
    bound = _longest.get()
    return usual if bound is None else min(usual, bound)
