"""What some process must do regularly, and a worker's keeper does because it always runs."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from streaming.runtime.message_seen import rotate
from streaming.runtime.sessions import Connection


class Rotation:
    """Begins and drops the weeks of `message_seen`. `keep` is asked each time: settings may change."""

    def __init__(self, clock: Callable[[], datetime], keep: Callable[[], timedelta], every: float) -> None:
        self._clock, self._keep, self._every = clock, keep, every
        self._due_at = 0.0

    def run(self, connection: Connection) -> None:
        """Rotate if it is time; `connection` is in autocommit."""
        if time.monotonic() >= self._due_at:
            rotate(connection, now=self._clock(), keep=self._keep())
            self._due_at = time.monotonic() + self._every
