"""The collector's configuration, read anew each second by a thread; the last good one is kept while it cannot be.

With it come the categories that people decided on: masking in this process's pages and API follows them.
"""

import logging
import threading
import time
from asyncio import AbstractEventLoop, Future
from contextlib import suppress

from django import db

from compliance.classification import use_decided
from ingestion.domain.configuration import Configuration, load_configuration

INTERVAL_S = 1.0
SHORTEST_S = 0.2
MAX_WAITING = 256

logger = logging.getLogger(__name__)


class TooManyWaiting(Exception):
    """So many requests wait for the next snapshot that no more may."""


class ConfigurationWatch:
    """`current` is the newest snapshot, or None before the first one."""

    def __init__(self) -> None:
        self.current: Configuration | None = None
        self._failed = False
        self._waiting: list[tuple[AbstractEventLoop, Future[bool]]] = []
        self._lock, self._wake, self._stopped = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="collector-configuration", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._wake.set()
        self._thread.join(timeout=10)

    async def refreshed(self, loop: AbstractEventLoop) -> bool:
        """Wait for a snapshot that was begun from now on; False when it could not be read. Raises TooManyWaiting."""
        done: Future[bool] = loop.create_future()
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                raise TooManyWaiting
            self._waiting.append((loop, done))
        self._wake.set()
        return await done

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            with self._lock:
                waiting, self._waiting = self._waiting, []
            good = self._refresh()
            for loop, done in waiting:
                with suppress(RuntimeError):  # its loop is closed
                    loop.call_soon_threadsafe(_resolve, done, good)
            time.sleep(SHORTEST_S)
            self._wake.wait(INTERVAL_S - SHORTEST_S)
        db.connection.close()

    def _refresh(self) -> bool:
        try:
            db.close_old_connections()
            self.current = load_configuration()
            use_decided(self.current.decided)
        except db.Error as error:
            db.connection.close()
            if not self._failed:
                logger.warning(
                    "the collector keeps its last configuration, the database does not answer: %s", error
                )
            self._failed = True
            return False
        self._failed = False
        return True


def _resolve(done: Future[bool], good: bool) -> None:  # noqa: FBT001 -- a future's value
    if not done.done():
        done.set_result(good)
