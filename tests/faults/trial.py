"""One run: load, a fault, its end, draining, and the comparison with the ledger."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from tests.faults.checking import Verdict, examine
from tests.faults.ledger import Ledger, LoadGenerator
from tests.faults.record import Interval, Record, Sample
from tests.faults.system import System
from tests.streaming.contract.subject import open_log
from tests.waiting import eventually

_LOOK_S = 0.5


@dataclass(frozen=True)
class Place:
    """The event log of a run. `brokers` is the cluster, on Kafka."""

    name: str
    url: str
    brokers: Any = None


class Trial:
    """Notes what happens to a system, for the report. A run has one load, and settles once."""

    def __init__(self, row: int, name: str, place: Place, system: System) -> None:
        self.place, self.system = place, system
        self.note = ""
        self._record = Record(row, name, place.name, held=False)
        self._began = time.monotonic()
        self._generator: LoadGenerator | None = None
        self._samples: list[Sample] = []
        self._intervals: list[Interval] = []
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, name="sampler", daemon=True)
        self._sampler.start()

    @property
    def generator(self) -> LoadGenerator:
        assert self._generator is not None
        return self._generator

    @property
    def ledger(self) -> Ledger:
        return self.generator.ledger

    @contextmanager
    def load(
        self, *, suppressed: bool = True, pause: float = 0.03, **options: Any
    ) -> Iterator[LoadGenerator]:
        """Send events as long as the context is open."""
        with self.prepare(suppressed=suppressed, pause=pause, **options) as generator:
            yield generator

    @contextmanager
    def in_operation(self, **options: Any) -> Iterator[LoadGenerator]:
        """The whole system under load, as long as the context is open: a fault meets it with events applied.

        At the end the consumers must not have died, and the load must go on. `options` are those of `load`.
        """
        self.system.web.start()
        consumers = self.system.consume()
        with self.load(**options) as load:
            load.wait_for(50)
            eventually(self.system.applied, seconds=90)
            yield load
            assert not consumers.died()
            load.wait_for(50)

    def prepare(self, *, suppressed: bool = True, **options: Any) -> LoadGenerator:
        """The run's generator, which sends nothing by itself yet."""
        if suppressed:
            self.system.suppress()
        self._generator = self.system.load(suppressed=suppressed, **options)
        return self._generator

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """The fault is there as long as the context is open."""
        begin = self._now()
        try:
            yield
        finally:
            self._intervals.append(Interval(name, begin, self._now()))

    @contextmanager
    def log(self) -> Iterator[PostgresLog | KafkaLog]:
        """The event log, for the test's own use."""
        kafka = self.place.url.startswith("kafka:")
        log = open_log(self.place.url if kafka else self.system.database.conninfo)
        try:
            yield log
        finally:
            log.close()

    def settle(self, *, seconds: float = 150, **expected: int) -> Verdict:
        """Drain, compare with the ledger, and demand what `Verdict.demand` takes."""
        self.system.drain(seconds)
        return self.judge(**expected)

    def judge(self, **expected: int) -> Verdict:
        """Compare a system that is drained."""
        verdict = examine(self.system.database, self.ledger)
        self._record = replace(
            self._record, acknowledged=verdict.acknowledged, stored=verdict.stored, suppressed=verdict.suppressed,
            refused=self.ledger.refused, letters=len(verdict.letters) + verdict.foreign, lost=len(verdict.lost),
            doubled=len(verdict.doubled), profiles_equal=verdict.profiles_equal,
        )  # fmt: skip
        verdict.demand(**expected)
        return verdict

    def close(self, *, held: bool) -> None:
        """End the sampling and leave the record."""
        self._over.set()
        self._sampler.join(30)
        replace(
            self._record, held=held, note=self.note, gap=self._gap(), recovery=self._recovery(),
            seconds=round(self._now(), 1), samples=tuple(self._samples), intervals=tuple(self._intervals),
        ).write()  # fmt: skip

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 2)

    def _sample(self) -> None:
        while not self._over.wait(_LOOK_S):
            ledger = self._generator.ledger if self._generator else Ledger()
            acknowledged = len(ledger.acknowledged) - len(ledger.suppressed() & ledger.acknowledged.keys())
            self._samples.append(Sample(self._now(), acknowledged, self.system.handled()))

    def _gap(self) -> float:
        moments = [at for at, _ in self.ledger.acks] if self._generator else []
        return round(max((b - a for a, b in pairwise(moments)), default=0.0), 1)

    def _recovery(self) -> float | None:
        """From the end of the last fault until what had been acknowledged by then was applied."""
        if not self._intervals:
            return None
        end = max(interval.end for interval in self._intervals)
        due = max((each.acknowledged for each in self._samples if each.at <= end), default=0)
        done = [each.at for each in self._samples if each.at >= end and (each.applied or 0) >= due]
        return round(min(done) - end, 1) if done else None
