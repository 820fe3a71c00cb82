"""Waking readers: NOTIFY outside the append, at most 50 times a second."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator

from streaming.contracts.log import LogError
from streaming.postgres.appending import Place
from streaming.postgres.sessions import Connection, takes_no_writes, translated

CHANNEL = "headwater_log"
MIN_INTERVAL_SECONDS = 0.02
_MAX_PAYLOAD_BYTES = 7000
logger = logging.getLogger(__name__)


def parse_payload(payload: str) -> Iterator[Place] | None:
    """The places that have news; None means any may."""
    if not payload:
        return None
    pairs = (word.split(":") for word in payload.split())
    return ((int(topic_id), int(partition)) for topic_id, partition in pairs)


class Announcer:
    """A thread that tells all readers which partitions have news. What it misses, they find by themselves."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._news: set[Place] = set()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def announce(self, places: Iterable[Place]) -> None:
        """Have readers of these partitions look."""
        with self._lock:
            self._news.update(places)
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._run, name="log announcer", daemon=True)
                self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """Send what is left, and end."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        while not (self._stopping.is_set() and not self._news):
            self._wanted.wait()
            self._wanted.clear()
            with self._lock:
                news, self._news = self._news, set()
            if news:
                self._send(news)
                self._stopping.wait(MIN_INTERVAL_SECONDS)
        if self._connection is not None:
            self._connection.close()

    def _send(self, news: set[Place]) -> None:
        payload = " ".join(f"{topic_id}:{partition}" for topic_id, partition in news)
        if len(payload) > _MAX_PAYLOAD_BYTES:
            payload = ""
        try:
            with translated():
                if (
                    self._connection is not None
                    and not self._connection.closed
                    and takes_no_writes(self._connection)
                ):
                    self._connection.close()  # readers are on another server by now
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                self._connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
        except LogError as error:
            logger.warning("readers of the log were not woken and will look by themselves: %s", error)
            if self._connection is not None:
                self._connection.close()
