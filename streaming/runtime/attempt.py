"""One attempt at a piece: effects, dead letters, positions and what is published, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from streaming.contracts.records import TopicPartition
from streaming.runtime import dead_letters, positions
from streaming.runtime.consumer import Batch, Consumer
from streaming.runtime.dead_letters import Refusal
from streaming.runtime.discovery import retry_topic
from streaming.runtime.failpoints import reach
from streaming.runtime.limits import DeadLetterCount
from streaming.runtime.outbox import marks
from streaming.runtime.parking import Parking
from streaming.runtime.piece import UNPREPARED, Piece, PreparationFailed, place_of
from streaming.runtime.positions import Position
from streaming.runtime.progress import Progress
from streaming.runtime.publishing import Publisher
from streaming.runtime.sessions import Connection


@dataclass(slots=True)
class Holding:
    """The session of a worker, and the partitions that it holds with it."""

    connection: Connection
    positions: dict[TopicPartition, Position] = field(default_factory=dict)
    next_offsets: dict[TopicPartition, int] = field(default_factory=dict)
    has_lanes: bool = False
    parking: Parking = field(default_factory=Parking)


class Attempts:
    """Commits pieces for one worker.

    Whatever is raised, nothing of the piece was committed, unless the session broke at the commit: then only
    the positions in the database know.
    """

    def __init__(
        self,
        consumer: Consumer,
        publisher: Publisher,
        progress: Progress,
        count: DeadLetterCount,
        clock: Callable[[], datetime],
    ) -> None:
        self._consumer, self._publisher, self._progress = consumer, publisher, progress
        self._count, self._clock = count, clock

    def commit(self, holding: Holding, piece: Piece) -> None:
        """Process the piece and commit. Raises what `process` raises, LeaseLost, ConsumerStopped."""
        self._progress.begin_batch()
        try:
            refusals, published = self._write(holding, piece)
            reach("consumer.before_commit")
            holding.connection.commit()
            reach("consumer.after_commit")
            self._note(holding, piece, refusals)
            if published:
                self._publisher.committed()
        except BaseException:
            if not holding.connection.closed:
                holding.connection.rollback()
            raise
        finally:
            self._progress.end_attempt()

    def _write(self, holding: Holding, piece: Piece) -> tuple[Sequence[Refusal], bool]:
        connection, now = holding.connection, self._clock()
        batch = self._process(connection, piece, now)
        reach("consumer.after_effects")
        refusals = _refusals(piece, batch)
        if refusals:
            self._count.check(self._outcomes(piece, refusals))
            dead_letters.store(connection, self._consumer.name, refusals, now)
        positions.move(connection, self._consumer.name, piece.ends, holding.positions)
        if holding.has_lanes and piece.records:
            marks.move(connection, self._consumer.name, piece.records)
        published = [*batch.published, *dead_letters.copies(self._consumer.name, refusals)]
        if published:
            self._publisher.publish(connection, published, min(piece.ends))
        return refusals, bool(published)

    def _process(self, connection: Connection, piece: Piece, now: datetime) -> Batch:
        records = piece.active
        batch = Batch(records, connection, now)
        if records:
            prepared = self._consumer.prepare(records) if piece.prepared is UNPREPARED else piece.prepared
            if isinstance(prepared, PreparationFailed):
                raise prepared.error
            batch.prepared = prepared
            self._consumer.process(batch)
        return batch

    def _note(self, holding: Holding, piece: Piece, refusals: Sequence[Refusal]) -> None:
        holding.next_offsets.update(piece.ends)
        if not refusals:
            self._count.add_successes(len(piece.records))
        elif outcomes := self._outcomes(piece, refusals):
            self._count.add(outcomes)
        self._progress.commit(len(piece.records), len(refusals))

    def _outcomes(self, piece: Piece, refusals: Sequence[Refusal]) -> list[bool]:
        """Whether each message was refused; without those sent back, of which it was known that they are bad."""
        refused = {place_of(record) for record, _ in refusals}
        back = retry_topic(self._consumer.name)
        return [place_of(record) in refused for record in piece.records if record.topic != back]


def _refusals(piece: Piece, batch: Batch) -> Sequence[Refusal]:
    """What becomes a dead letter, in order of the records; a record is refused once."""
    if not piece.refused and not batch.rejected:
        return ()
    reasons: Mapping[tuple[str, int, int], str] = {
        **{place_of(record): reason for record, reason in reversed(batch.rejected)},
        **piece.refused,
    }
    return [(record, reasons[place_of(record)]) for record in piece.records if place_of(record) in reasons]
