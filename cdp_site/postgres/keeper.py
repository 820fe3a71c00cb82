"""Keeps the embedded server of a home running for as long as a process needs it."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from cdp_site.postgres.server import START_TIMEOUT_S, AlreadyRunning, EmbeddedPostgres, PostgresFailed

LOOK_EVERY_S = 0.25
AFTER_FAILURE_S = 2.0

logger = logging.getLogger(__name__)


class Keeper:
    """Uses the server that another process keeps; keeps one itself as soon as nobody else does."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self._server = server
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="postgres-keeper", daemon=True)

    def start(self) -> None:
        """Return once the server answers, and watch it from then on. Raises PostgresFailed, UnusablePostgres."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_there():
            if time.monotonic() > deadline:
                raise PostgresFailed(
                    f"another process keeps the embedded PostgreSQL of {self._server.directory.parent}, and it does not "
                    f"answer: see {self._server.log}"
                )
            time.sleep(0.1)
        self._thread.start()

    def _is_there(self) -> bool:
        try:
            self._server.start()
        except AlreadyRunning:
            return self._server.answers()
        return True

    def stop(self) -> None:
        """Watch no more; stop the server if it is this process's."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._server.stop()

    def _watch(self) -> None:
        pause = LOOK_EVERY_S
        while not self._stopping.wait(pause):
            try:
                self._look()
                pause = LOOK_EVERY_S
            except PostgresFailed as error:
                logger.warning("the embedded PostgreSQL cannot be started, it is tried again: %s", error)
                pause = AFTER_FAILURE_S

    def _look(self) -> None:
        if self._server.is_ours:
            if self._server.restart_if_dead():
                logger.warning("the embedded PostgreSQL had died and was started again")
        elif not self._server.is_running():
            with contextlib.suppress(AlreadyRunning):  # its keeper stops it, or was faster
                self._server.start()
                logger.warning("the keeper of the embedded PostgreSQL has gone, this process keeps it now")


@contextlib.contextmanager
def running(home: Path, binaries: Path | None = None) -> Iterator[EmbeddedPostgres]:
    """The server of `home` for as long as the block lasts: one that runs already is used and left running."""
    server = EmbeddedPostgres(home, binaries)
    keeper = Keeper(server)
    try:
        keeper.start()
        yield server
    finally:
        keeper.stop()
