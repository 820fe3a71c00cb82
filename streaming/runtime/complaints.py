"""Saying once, and then once a minute, what goes on being wrong."""

import logging
import time

REPEAT_SECONDS = 60.0


class Complaint:
    """One thing that can be wrong for a while. Belongs to one thread."""

    def __init__(self, logger: logging.Logger, event: str, consumer: str) -> None:
        self._logger, self._event, self._consumer = logger, event, consumer
        self._said_at: float | None = None

    def say(self, why: str) -> None:
        """It is wrong, still or again."""
        now = time.monotonic()
        if self._said_at is None or now - self._said_at >= REPEAT_SECONDS:
            self._said_at = now
            self._logger.warning(self._event, extra={"consumer": self._consumer, "why": why})

    def over(self) -> None:
        """It is right again: the next time is news."""
        self._said_at = None
