"""The thread that brings what the event loops counted to the database and the metrics, once a second."""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django import db

from ingestion.collector import metrics
from ingestion.collector.gate import LogGate
from ingestion.collector.tally import LIVE_OTHERS_PER_SECOND, LIVE_PER_SECOND, OTHER_NAMES, Tally
from ingestion.collector.watch import ConfigurationWatch
from ingestion.domain.counters import CountKey, minute_of
from ingestion.domain.reports import ProcessState, Sample, forget_live_events, store_report
from ingestion.enums import Result
from ingestion.spool.survey import together

HEARTBEAT_S = 5.0
FORGET_EVERY = timedelta(minutes=1)
MAX_KEPT_COUNTS = 50_000  # while the database is away

logger = logging.getLogger(__name__)


class Reporter:
    """Keeps the counts while the database is away; samples of that time are not shown."""

    def __init__(
        self,
        name: str,
        host: str,
        watch: ConfigurationWatch,
        gate: LogGate,
        spooled: Callable[[], metrics.SpoolView],
    ) -> None:
        self._name, self._host = name, host
        self._watch, self._gate, self._spooled = watch, gate, spooled
        self._started_at = datetime.now(UTC)
        self._tallies: queue.SimpleQueue[Tally | None] = queue.SimpleQueue()
        self._counts: dict[CountKey, int] = {}
        self._samples: list[Sample] = []
        self._forget_at = self._started_at
        self._thread = threading.Thread(target=self._run, name="collector-report", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def hand_over(self, tally: Tally) -> None:
        """Take what a loop counted; the loop goes on with another tally."""
        self._tallies.put(tally)

    def stop(self) -> None:
        """Report what is left, and end."""
        self._tallies.put(None)
        self._thread.join(timeout=10)

    def _run(self) -> None:
        stopping, reported_at = False, 0.0
        while not stopping:
            try:
                tally = self._tallies.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                tally = Tally()
            stopping = tally is None
            now = datetime.now(UTC)
            if tally is not None:
                self._merge(tally, now)
            if self._counts or stopping or time.monotonic() - reported_at > HEARTBEAT_S:
                reported_at = time.monotonic()
                self._report(now, stopping=stopping)
        db.connection.close()

    def _merge(self, tally: Tally, now: datetime) -> None:
        metrics.count(tally)
        minute = minute_of(now)
        shown = {Result.ACCEPTED.value: 0}
        for (source_id, event_type, name, result), events in tally.counts.items():
            key = CountKey(source_id, minute, event_type, name, result)
            if key in self._counts or len(self._counts) < MAX_KEPT_COUNTS:
                self._counts[key] = self._counts.get(key, 0) + events
            shown[result] = shown.get(result, 0) + events
        self._samples = _weighed(
            tally.samples, LIVE_PER_SECOND, shown[Result.ACCEPTED] + shown.get(Result.SPOOLED, 0)
        )
        others = sum(shown.get(each, 0) for each in (Result.REJECTED, Result.SUPPRESSED, Result.QUARANTINED))
        self._samples += _weighed(tally.others, LIVE_OTHERS_PER_SECOND, others)

    def _report(self, now: datetime, *, stopping: bool) -> None:
        try:
            db.close_old_connections()
            store_report(
                counts=self._counts, names=self._unknown_names(), samples=self._samples,
                state=self._state(now if stopping else None), now=now,
            )  # fmt: skip
            self._counts = {}
            if now >= self._forget_at:
                forget_live_events(now=now)
                self._forget_at = now + FORGET_EVERY
        except db.Error as error:
            db.connection.close()
            logger.info("counts of the collector wait for the database: %s", error)
        self._samples = []

    def _unknown_names(self) -> list[tuple[int, str, str]]:
        configuration = self._watch.current
        if configuration is None:
            return []
        kept = (Result.ACCEPTED.value, Result.SPOOLED.value)
        return sorted({
            (key.source_id, key.type, key.name)
            for key in self._counts
            if key.result in kept and key.name != OTHER_NAMES and not configuration.topics.knows(key.type, key.name)
        })  # fmt: skip

    def _state(self, stopped_at: datetime | None) -> ProcessState:
        view = self._spooled()
        metrics.show_spool(view, now=time.time(), open_gate=not self._gate.trouble)
        status = together(view.own, view.abandoned)
        return ProcessState(
            name=self._name,
            host=self._host,
            pid=os.getpid(),
            started_at=self._started_at,
            spooled_records=status.records,
            spooled_bytes=status.bytes,
            oldest_spooled_at=datetime.fromtimestamp(status.oldest, UTC) if status.oldest else None,
            trouble=self._gate.trouble,
            stopped_at=stopped_at,
        )


def _weighed(samples: list[Sample], limit: int, arrived: int) -> list[Sample]:
    """Say of each sample how many items it stands for, when not all could be kept."""
    if len(samples) < limit or arrived <= len(samples):
        return samples
    weight = -(-arrived // len(samples))
    return [sample._replace(sample_of=weight) for sample in samples]
