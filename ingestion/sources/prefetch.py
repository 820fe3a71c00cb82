"""Reading ahead in a thread of its own, so that whoever waits can keep a lease, and stop, however long a source takes."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import Self

from ingestion.sources.contract import Batch

AHEAD = 2
PATIENCE_S = 5.0
_STEP_S = 0.2


class Prefetch:
    """The batches of an iterator that another thread reads. Use it as a context: leaving it ends the thread.

    The thread ends once the source answers, or its time-out is over; what it still reads is thrown away. Leaving waits
    for it no longer than `leave_s`.
    """

    def __init__(self, read: Callable[[], Iterator[Batch]], *, leave_s: float = _STEP_S) -> None:
        self._read, self._leave_s = read, leave_s
        self._found: Queue[Batch | BaseException | None] = Queue(AHEAD)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._fill, daemon=True, name="headwater source")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join(self._leave_s)

    def batches(self, meanwhile: Callable[[], None]) -> Iterator[Batch]:
        """The batches; `meanwhile` is called now and then during a long wait. Raises what the reading raised."""
        while True:
            try:
                found = self._found.get(timeout=PATIENCE_S)
            except Empty:
                meanwhile()
                continue
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            yield found

    def _fill(self) -> None:
        batches = None
        try:
            batches = self._read()
            for batch in batches:
                if not self._put(batch):
                    return
            self._put(None)
        except BaseException as error:  # noqa: BLE001 -- whoever waits for the batches is told
            self._put(error)
        finally:
            if batches is not None:
                batches.close()  # type: ignore[attr-defined]  # a generator

    def _put(self, found: Batch | BaseException | None) -> bool:
        """Whether somebody still wants it."""
        while not self._is_over.is_set():
            try:
                self._found.put(found, timeout=_STEP_S)
            except Full:
                continue
            return True
        return False
