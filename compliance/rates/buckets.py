"""How often somebody may ask: a bucket of requests for each, that fills up again. Processes of a machine share them.

The levels stand in memory that all processes map, without a lock: two that take at the same microsecond may both find
the same level, so that now and then one request too many passes. A lock would cost each request more than the rest.
"""

import mmap
import os
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from struct import Struct
from threading import Lock, get_ident

SLOTS = 1 << 16  # of whom counts are kept; of those beyond it, the ones who asked longest ago start anew
WAYS = 4  # places in which one of them may be found
_SLOT = Struct("=qdd")  # who, how full at that moment, the moment
_SEED_BYTES = 16
_ANOTHER_CLOCK_S = 1.0
_MOST_KNOWN = 10_000  # of whom a process remembers the place
_SIZE = _SEED_BYTES + SLOTS * _SLOT.size


class Table:
    """Levels of buckets by who asks: of this process alone, or of all that open the same file."""

    def __init__(self, path: Path | None = None) -> None:
        self._memory = mmap.mmap(-1, _SIZE) if path is None else _mapped(path)
        if path is None:
            self._memory[:_SEED_BYTES] = token_bytes(_SEED_BYTES)
        self._seed = self._memory[:_SEED_BYTES]
        self._known: dict[str, tuple[int, int]] = {}

    def find(self, caller: str) -> tuple[int, int, float, float]:
        """Where in the table who asks has a place, their key, their level and its moment (a full bucket when none is known)."""
        if (known := self._known.get(caller)) is not None:
            held, level, since = _SLOT.unpack_from(self._memory, known[0])
            if held == known[1]:
                return *known, level, since
        found = self._look(self._key(caller))
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[caller] = found[0], found[1]
        return found

    def put(self, place: int, key: int, level: float, since: float) -> None:
        """Keep a level."""
        _SLOT.pack_into(self._memory, place, key, level, since)

    def _key(self, caller: str) -> int:
        """A number that nobody outside can aim at: who asks cannot choose whose place they take."""
        digest = blake2b(caller.encode("utf-8", "surrogatepass"), digest_size=8, key=self._seed).digest()
        return int.from_bytes(digest, "little", signed=True)

    def _look(self, key: int) -> tuple[int, int, float, float]:
        first = _SEED_BYTES + key % (SLOTS // WAYS) * WAYS * _SLOT.size
        oldest, forgotten = float("inf"), first
        for place in range(first, first + WAYS * _SLOT.size, _SLOT.size):
            held, level, since = _SLOT.unpack_from(self._memory, place)
            if held == key:
                return place, key, level, since
            if since < oldest:
                oldest, forgotten = since, place
        return forgotten, key, float("inf"), 0.0


class Buckets:
    """A bucket of `burst` requests for each caller, that fills up again by `rate` a second. Thread-safe.

    Buckets that share a table are told apart by their `name`.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        name: str = "",
        table: Table | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._name = rate, burst, name
        self._table = table or Table()
        self._clock = clock
        self._lock = Lock()

    def take(self, caller: object, count: int = 1) -> float:
        """Take so many at once: 0 when there was one at least, else the seconds until there is."""
        with self._lock:
            now = self._clock()
            place, key, level = self._level(caller, now)
            wait = 0.0 if level >= 1 else (1 - level) / self._rate
            self._table.put(place, key, level if wait else level - count, now)
        return wait

    def wait(self, caller: object) -> float:
        """The seconds until there is one; nothing is taken."""
        with self._lock:
            _, _, level = self._level(caller, self._clock())
        return 0.0 if level >= 1 else (1 - level) / self._rate

    def _level(self, caller: object, now: float) -> tuple[int, int, float]:
        place, key, level, since = self._table.find(f"{self._name}:{caller}")
        age = now - since
        if age < -_ANOTHER_CLOCK_S:  # the machine was started anew since: its clock was too
            level = self._burst
        return place, key, min(self._burst, level + max(0.0, age) * self._rate)


def _mapped(path: Path) -> mmap.mmap:
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f"{path.name}.{os.getpid()}.{get_ident()}")
    building.write_bytes(token_bytes(_SEED_BYTES) + bytes(_SIZE - _SEED_BYTES))
    with suppress(FileExistsError):
        path.hardlink_to(building)  # the first of several processes wins
    building.unlink()
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), _SIZE)
