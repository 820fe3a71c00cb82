"""One block on its way to the log, however long the log takes."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ingestion.imports.taking import Taken
from streaming.contracts.events import OTHER_EVENTS_TOPIC, QUARANTINE_TOPIC
from streaming.contracts.log import EventLog, UnknownTopic
from streaming.contracts.records import NewRecord

CHUNK = 5000
PATIENCE_S = 8.0


class Appender:
    """Submits a block and later waits for it. `meanwhile` is called now and then during a long wait."""

    def __init__(self, log: EventLog, meanwhile: Callable[[], None]) -> None:
        self._log, self._meanwhile = log, meanwhile
        self._taken: Taken | None = None
        self._on_their_way: list[tuple[Sequence[NewRecord], Future[None]]] = []

    def submit(self, taken: Taken) -> None:
        """Send the records of a block on their way; the former block must be settled."""
        self._taken = taken
        chunks = [taken.records[at : at + CHUNK] for at in range(0, len(taken.records), CHUNK)]
        self._on_their_way = [(chunk, self._log.submit(chunk)) for chunk in chunks]

    def settled(self) -> Taken | None:
        """The submitted block, once all of it is durable; None when there is none. Raises LogError."""
        taken, self._taken = self._taken, None
        for records, submitted in self._on_their_way:
            try:
                self._wait(submitted)
            except (
                UnknownTopic
            ):  # deleted since we looked: those without a topic of their own go to the common one
                self._wait(self._log.submit([_rerouted(record) for record in records]))
        self._on_their_way = []
        return taken

    def _wait(self, submitted: Future[None]) -> None:
        while True:
            try:
                return submitted.result(PATIENCE_S)
            except TimeoutError:
                self._meanwhile()


def _rerouted(record: NewRecord) -> NewRecord:
    topic = QUARANTINE_TOPIC if record.topic == QUARANTINE_TOPIC else OTHER_EVENTS_TOPIC
    return NewRecord(topic, record.key, record.value)
