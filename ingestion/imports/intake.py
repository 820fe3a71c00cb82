"""Rows become records by what holds now: known topics, suppressed people, consumers that keep up."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from compliance import suppression
from ingestion.domain.event_names import create_event_topics, load_event_topics, record_names
from ingestion.domain.events import Envelope
from ingestion.domain.plans.loading import load_rules
from ingestion.imports.ledger import Ledger
from ingestion.imports.rows import Block, Position, shown
from ingestion.imports.taking import Circumstances, Taken, Translates, take
from streaming.contracts.log import EventLog
from streaming.domain.flow.sampling import Sampler

REFRESH = timedelta(seconds=2)


class Intake:
    """Takes blocks of one job's rows; what it knows of the installation is never older than REFRESH. One thread's."""

    def __init__(
        self,
        *,
        source_id: int,
        translation: Translates,
        log: EventLog,
        clock: Callable[[], datetime],
        ledger: Ledger | None = None,
        import_id: int | None = None,
    ) -> None:
        self._source_id, self._import_id, self._translation = source_id, import_id, translation
        self._log, self._clock = log, clock
        self._ledger = ledger or Ledger()
        self._recorded: set[tuple[str, str]] = set()
        self._sampler = Sampler()
        self._refresh()

    @property
    def is_held(self) -> bool:
        """Whether consumers have to catch up before more is sent, as of the last look."""
        return self._is_held

    def take(self, block: Block, start: Position) -> Taken:
        """What the block comes to. Names that nobody has seen yet are recorded, the first of them with their topics."""
        if self._clock() >= self._fresh_until:
            self._refresh()
        taken = take(block, start, self._circumstances())
        unknown = {name for name in taken.names if not self._topics.knows(*name)} - self._recorded
        if not unknown:
            return taken
        record_names(((self._source_id, *name) for name in unknown), now=self._clock())
        first, self._recorded = not self._recorded, self._recorded | unknown
        if not first:
            return taken
        create_event_topics(self._log)
        self._refresh()
        return take(block, start, self._circumstances())

    def shown(self, values: Mapping[str, Any]) -> str:
        """The beginning of a row that nothing could be made of; empty while there are people of whom nothing is kept."""
        return "" if self._suppressions else shown(orjson.dumps(values, default=str).decode())

    def _refresh(self) -> None:
        self._topics = load_event_topics()
        self._rules = load_rules().get(self._source_id)
        self._suppressions = suppression.snapshot()
        self._is_held = self._sampler.pressure(lambda: self._log, self._clock()).is_felt
        self._fresh_until = self._clock() + REFRESH

    def _circumstances(self) -> Circumstances:
        envelope = Envelope(
            source_id=self._source_id, received_at=self._clock(), import_id=self._import_id, rules=self._rules
        )
        return Circumstances(self._translation, envelope, self._topics, self._suppressions, self._ledger)
