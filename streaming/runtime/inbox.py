"""What a worker's thread waits for: work, a plan of its keeper, and the order to stop."""

import threading
from collections import deque
from dataclasses import dataclass

from streaming.contracts.records import TopicPartition
from streaming.runtime.piece import Piece

READ_AHEAD_PIECES = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What the worker should hold, and what the leases say it holds, as of its `version`-th change.

    `gone` is a topic that it has read and that is no more, which no worker may pass over.
    """

    version: int
    held: frozenset[TopicPartition]
    target: frozenset[TopicPartition]
    gone: str | None = None


class Inbox:
    """Written by the reading thread, the keeper and signal handlers; read by the worker's thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()  # re-entrant: a signal handler may interrupt its holder
        self._work: deque[Piece | Exception] = deque()
        self._generation = 0
        self._plan: Plan | None = None
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to stop."""
        return self._stopping

    @property
    def is_wanted_elsewhere(self) -> bool:
        """Whether a batch that waits should be left: the worker is to stop, or to look at a plan."""
        return self._stopping or self._plan is not None

    def stop(self) -> None:
        """Tell the worker to stop after the batch in hand. May be called by a signal handler."""
        self._stopping = True
        with self._changed:
            self._changed.notify_all()

    def post_plan(self, plan: Plan) -> None:
        """Leave a plan, instead of the one before."""
        with self._changed:
            self._plan = plan
            self._changed.notify_all()

    def take_plan(self) -> Plan | None:
        """The newest plan, once."""
        with self._changed:
            plan, self._plan = self._plan, None
            return plan

    def clear_work(self) -> int:
        """Drop all work, and what is still put under an older number than the one returned."""
        with self._changed:
            self._work.clear()
            self._generation += 1
            self._changed.notify_all()
            return self._generation

    def put_work(self, generation: int, work: Piece | Exception) -> bool:
        """Wait for room and leave work; False when its generation is over."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._work) < READ_AHEAD_PIECES or generation != self._generation
            )
            if generation != self._generation:
                return False
            self._work.append(work)
            self._changed.notify_all()
            return True

    def wait(self, seconds: float) -> None:
        """Wait until there is something to do, `seconds` at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._work or self.is_wanted_elsewhere, seconds)

    def take_work(self, seconds: float = 0.0) -> Piece | None:
        """The next piece, or None after `seconds` or when something else is to be done first.

        Raises what kept the reading thread from going on.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._work or self.is_wanted_elsewhere, seconds)
            if self.is_wanted_elsewhere or not self._work:
                return None
            work = self._work.popleft()
            self._changed.notify_all()
        if isinstance(work, Exception):
            raise work
        return work

    def pause(self, seconds: float) -> bool:
        """Wait that long; False as soon as a batch that waits should be left."""
        with self._changed:
            return not self._changed.wait_for(lambda: self.is_wanted_elsewhere, seconds)
