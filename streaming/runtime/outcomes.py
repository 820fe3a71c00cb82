"""What becomes of a batch whose processing raises: docs/architecture.md, "Outcomes"."""

import logging
import random
from collections import Counter, deque

import psycopg

from streaming.contracts.records import TopicPartition
from streaming.runtime.attempt import Attempts, Holding
from streaming.runtime.consumer import Consumer, InvalidMessage, MessageRejected
from streaming.runtime.failures import describe, not_now, reason_of, stack
from streaming.runtime.inbox import Inbox
from streaming.runtime.piece import Piece, Place, place_of
from streaming.runtime.progress import Progress
from streaming.runtime.sessions import is_not_now, is_of_no_use
from streaming.runtime.stopping import ConsumerStopped, Interrupted, LeaseLost
from streaming.runtime.taking import take
from streaming.runtime.timing import Timing

TRIES_ALONE = 3
SUSPECTS_IN_A_ROW = 10
logger = logging.getLogger(__name__)


class Settlement:
    """Settles one batch in as few transactions as it takes.

    Raises with the rest of it uncommitted: ConsumerStopped, Interrupted, LeaseLost, a broken session's error.

    A **suspect** failed alone three times. It becomes a dead letter together with the first others that
    succeed after its failure; when there are none, the consumer stops.
    """

    def __init__(
        self,
        consumer: Consumer,
        attempts: Attempts,
        inbox: Inbox,
        progress: Progress,
        timing: Timing,
    ) -> None:
        self._consumer, self._attempts, self._inbox = consumer, attempts, inbox
        self._progress, self._timing = progress, timing
        self._apart: deque[Piece] = deque()  # pieces of one partition each, of a batch that was rejected
        self._work: deque[Piece] = deque()
        self._suspects: Piece | None = None
        self._suspected: set[Place] = set()  # refused for having failed, as opposed to being invalid
        self._failures: Counter[Place] = Counter()
        self._has_succeeded = False
        self._pause = timing.first_pause

    def settle(self, holding: Holding, batch: Piece) -> None:
        """Bring the batch to its end."""
        self._work.append(batch)
        while self._apart or self._work or self._suspects is not None:
            self._attempt_next(holding)

    def _attempt_next(self, holding: Holding) -> None:
        suspects = self._suspects
        if self._apart:
            self._attempt(holding, self._apart.popleft())
        elif suspects is None:
            self._attempt(holding, self._work.popleft())
        elif self._has_succeeded and not self._work:
            self._suspects = None
            self._attempt(holding, suspects)
        else:
            other = (
                self._work.popleft() if self._work else self._others(suspects).without(holding.parking.places)
            )
            if other is None:
                return
            piece = other.after(suspects)
            self._suspects = None
            if piece.active or self._has_succeeded:
                self._attempt(holding, piece)
            else:
                self._suspects = piece

    def _others(self, suspects: Piece) -> Piece:
        """Another batch, to see whether others succeed where the suspects failed."""
        piece = take(self._inbox, self._consumer.name, self._timing.patience)
        if piece is not None:
            return piece
        if self._inbox.is_wanted_elsewhere:
            raise Interrupted
        raise self._stopped(suspects, "no other message succeeded meanwhile")

    def _stopped(self, suspects: Piece, why: str) -> ConsumerStopped:
        first = self._suspects_in(suspects)[0]
        (topic, partition, offset), reason = first, suspects.refused[first]
        return ConsumerStopped(
            f"the consumer {self._consumer.name!r} stopped, uncommitted: the message {topic}/{partition}/{offset} "
            f"failed {TRIES_ALONE} times ({reason}), and {why}, so the fault may not be the message's. "
            "Mend the cause and start the consumer again"
        )

    def _attempt(self, holding: Holding, piece: Piece) -> None:
        try:
            self._attempts.commit(holding, piece)
        except (ConsumerStopped, Interrupted, LeaseLost):
            raise
        except InvalidMessage as error:
            self._refuse(piece, error)
        except Exception as error:  # noqa: BLE001 -- whatever else it is, it is unknown
            if isinstance(error, MessageRejected) and self._sets_apart(holding, piece, error):
                return
            if is_not_now(error):
                self._wait(holding, piece, error)
            else:
                self._search(piece, error)
        else:
            holding.parking.got_ahead(piece.ends)
            self._has_succeeded = self._has_succeeded or bool(piece.active)
            self._pause = self._timing.first_pause

    def _refuse(self, piece: Piece, error: InvalidMessage) -> None:
        """Take the invalid message out; one that is not named is found by halving."""
        active = piece.active
        invalid = error.record if error.record in active else active[0] if len(active) == 1 else None
        if invalid is None:
            self._work.extendleft(reversed(piece.halves()))
        else:
            piece.refuse(invalid, reason_of(error))
            self._work.appendleft(piece)

    def _sets_apart(self, holding: Holding, piece: Piece, error: MessageRejected) -> bool:
        """Find the partition that is rejected and park it; False when the worker has no other one to go on with."""
        if len(piece.ends) > 1:
            parts = piece.by_partition()
            self._apart.extendleft(reversed([part for part in parts if not self._awaits_others(part)]))
            for part in filter(self._awaits_others, parts):
                self._put_off(part)
            return True
        (place,) = piece.ends
        if not holding.positions.keys() - holding.parking.places.keys() - {place}:
            return False
        holding.parking.park(place, not_now(error), self._timing)
        self._progress.wait_for_partitions(holding.parking.why)
        self._drop(place)
        return True

    def _suspects_in(self, piece: Piece) -> list[Place]:
        return [place for place in piece.refused if place in self._suspected]

    def _awaits_others(self, piece: Piece) -> bool:
        """Whether it holds suspects and nothing that could succeed before they are refused."""
        return not piece.active and bool(self._suspects_in(piece))

    def _put_off(self, piece: Piece) -> Piece:
        """Keep suspects until others have succeeded; returns all that are kept."""
        self._suspects = piece if self._suspects is None else piece.after(self._suspects)
        return self._suspects

    def _drop(self, place: TopicPartition) -> None:
        """Leave out what is in hand of a parked partition: it will be read again."""
        for queue in (self._apart, self._work):
            kept = [rest for piece in queue if (rest := piece.without({place})) is not None]
            queue.clear()
            queue.extend(kept)
        rest = self._suspects.without({place}) if self._suspects is not None else None
        self._suspects = None
        if rest is not None and self._awaits_others(rest):
            self._suspects = rest
        elif rest is not None:
            self._work.appendleft(rest)

    def _wait(self, holding: Holding, piece: Piece, error: Exception) -> None:
        """Not now: try again after a pause, with less after a deadlock, and with a new session if need be."""
        self._progress.wait_for_batch(not_now(error))
        logger.warning(
            "a batch waits",
            extra={"consumer": self._consumer.name, "records": len(piece.records), "why": not_now(error)},
        )
        if is_of_no_use(holding.connection, error):
            raise error
        if not self._inbox.pause(self._pause * random.uniform(0.5, 1.0)):  # noqa: S311 -- spreads retries
            raise Interrupted from error
        self._pause = min(self._pause * 2, self._timing.longest_pause)
        halve = isinstance(error, psycopg.errors.DeadlockDetected) and len(piece.active) > 1
        piece.forget_preparation()
        self._work.extendleft(reversed(piece.halves()) if halve else [piece])

    def _search(self, piece: Piece, error: Exception) -> None:
        """Unknown: find the message that fails alone."""
        logger.error(
            "a batch failed and is searched",
            extra={
                "consumer": self._consumer.name,
                "records": len(piece.active),
                "error": describe(error),
                "stack": stack(error),
            },
        )
        active = piece.active
        if len(active) > 1:
            self._work.extendleft(reversed(piece.halves()))
            return
        if not active:  # a fault of the runtime or the database, not of a message
            raise error
        place = place_of(active[0])
        self._failures[place] += 1
        if self._failures[place] >= TRIES_ALONE:
            self._suspect(piece, describe(error))
        elif self._inbox.pause(self._timing.first_pause):
            piece.forget_preparation()
            self._work.appendleft(piece)
        else:
            raise Interrupted from error

    def _suspect(self, piece: Piece, reason: str) -> None:
        self._suspected.add(place_of(piece.active[0]))
        piece.refuse(piece.active[0], f"it failed {TRIES_ALONE} times alone: {reason}")
        suspects = self._put_off(piece)
        count = len(self._suspects_in(suspects))
        if not self._has_succeeded and count >= SUSPECTS_IN_A_ROW:
            raise self._stopped(suspects, f"so did {count - 1} others after it")
