"""Sets the wall clock of a Python process: Python imports this before anything else when it stands on PYTHONPATH.

The file CLOCK_OFFSET_FILE holds the seconds that the clock is ahead of the machine's, and is looked at ten times a
second. The monotonic clock goes on as it is, as it does when NTP steps a machine's clock. (libfaketime cannot do it
here: Python's time.sleep waits for a moment of the monotonic clock, which it answers with an error.)
"""

import os
import threading
import time
from pathlib import Path

import time_machine

_FILE = Path(os.environ["CLOCK_OFFSET_FILE"])


def _offset() -> float:
    return float(_FILE.read_text() or 0)


def _follow(clock: time_machine.Traveller, known: float) -> None:
    while True:
        time.sleep(0.1)
        if (offset := _offset()) != known:
            clock.move_to(time_machine.escape_hatch.time.time() + offset, tick=True)
            known = offset


_start = _offset()
_clock = time_machine.travel(time.time() + _start, tick=True).start()
threading.Thread(target=_follow, args=(_clock, _start), daemon=True).start()
