"""What this process changed a moment ago, so that a broker that has not heard of it yet is not believed."""

import threading
import time
from collections.abc import Mapping

from streaming.kafka.patience import ELECTION_SECONDS

_GONE = 0


class OwnChanges:
    """Topics that we made, grew or deleted, remembered as long as brokers may take to hear of it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, tuple[int, float]] = {}

    def made(self, name: str, partitions: int) -> None:
        """The topic exists and has at least so many partitions."""
        with self._lock:
            self._made[name] = partitions, time.monotonic() + ELECTION_SECONDS

    def deleted(self, name: str) -> None:
        """The topic does not exist."""
        self.made(name, _GONE)

    def are_known_to(self, found: Mapping[str, int]) -> bool:
        """Whether topics with these numbers of partitions are what we left."""
        with self._lock:
            now = time.monotonic()
            self._made = {name: each for name, each in self._made.items() if each[1] > now}
            changes = dict(self._made)
        return all(
            (name not in found) if least == _GONE else found.get(name, 0) >= least
            for name, (least, _) in changes.items()
        )

    def forget(self) -> None:
        """Somebody else has changed them since."""
        with self._lock:
            self._made.clear()
