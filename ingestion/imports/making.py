"""How the interpreter works while rows are made.

It searches for garbage less often: rows and events hold no circles, so that nothing is found; but tens of thousands of
them live at a time, and each search looks at those again: a fourth of the time of a table with suppressed people went
there. And it is handed over sooner: what reads the source and writes the log needs it for a moment, some sixty times a
block, and to wait for it five milliseconds each time is longer than making the block takes.
"""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000  # made and not freed before the next search: some MB at most
SWITCH_S = 0.001

_lock = threading.Lock()
_within = 0
_former = gc.get_threshold(), sys.getswitchinterval()


@contextmanager
def making_rows() -> Iterator[None]:
    """Have the process work like this until the block ends, in any thread."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _within, _former  # noqa: PLW0603 -- the settings are the process's
    with _lock:
        if not _within:
            _former = gc.get_threshold(), sys.getswitchinterval()
            gc.set_threshold(OBJECTS, *_former[0][1:])
            sys.setswitchinterval(SWITCH_S)
        _within += 1


def _leave() -> None:
    global _within  # noqa: PLW0603 -- the settings are the process's
    with _lock:
        _within -= 1
        if not _within:
            gc.set_threshold(*_former[0])
            sys.setswitchinterval(_former[1])
