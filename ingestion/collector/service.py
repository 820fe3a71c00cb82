"""The parts of the collector of one process, started and stopped together."""

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from compliance.addresses import Networks
from compliance.rates.limits import limit
from ingestion.collector.brake import Brake
from ingestion.collector.gate import LogGate
from ingestion.collector.groups import GroupCommitter
from ingestion.collector.metrics import SpoolView
from ingestion.collector.payloads import PayloadKeeper
from ingestion.collector.reporter import Reporter
from ingestion.collector.tally import Tally
from ingestion.collector.watch import ConfigurationWatch
from ingestion.domain.event_names import ensure_base_topics
from ingestion.spool.relay import Relay, default_name
from ingestion.spool.spool import Spool
from streaming.contracts.log import EventLog

DRAIN_TIMEOUT_S = 20.0
_GC_THRESHOLD = (
    50_000  # parsed events are many objects that die young: looking at them at every 700th costs 10 %
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """What an operator can set."""

    host: str
    spool: Path
    spool_limit: int
    spool_window: float
    trusted_proxies: Networks


class CollectorService:
    """Belongs to the event loop that started it."""

    def __init__(self, settings: CollectorSettings, open_log: Callable[[], EventLog]) -> None:
        self.settings = settings
        name = default_name(settings.host)
        self.watch = ConfigurationWatch()
        self.spool = Spool(settings.spool, name, limit=settings.spool_limit)
        self.gate = LogGate(open_log, ensure_base_topics)
        self.relay = Relay(self.spool, self.gate, window=settings.spool_window)
        self.reporter = Reporter(name, settings.host, self.watch, self.gate, self._spooled)
        self.brake = Brake(open_log)
        self.payloads = PayloadKeeper()
        self.limit = limit("source")
        self.tally = Tally()
        self.loop = asyncio.get_running_loop()
        self.groups = GroupCommitter(self.loop, self.gate, self.spool)
        self._ticking: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start the threads. Nothing is waited for: what is not there yet answers 503, or goes to the spool."""
        gc.freeze()
        gc.set_threshold(_GC_THRESHOLD, 20, 50)
        self.watch.start()
        self.relay.start()
        self.reporter.start()
        self.brake.start()
        self.payloads.start()
        self._tick()

    async def stop(self) -> None:
        """Wait for what is on its way, then end the threads."""
        try:
            async with asyncio.timeout(DRAIN_TIMEOUT_S):
                await self.groups.drained()
        except TimeoutError:
            logger.warning(
                "the collector stops with requests that were never answered: their clients try again"
            )
        if self._ticking is not None:
            self._ticking.cancel()
        self._hand_over()
        await asyncio.to_thread(self._stop_threads)

    def _spooled(self) -> SpoolView:
        return SpoolView(
            self.spool.status(), self.relay.abandoned, self.relay.bytes_aside, self.settings.spool_limit
        )

    def _stop_threads(self) -> None:
        self.brake.stop()
        self.payloads.stop()
        self.relay.stop()
        self.reporter.stop()
        self.spool.close()
        self.watch.stop()

    def _tick(self) -> None:
        self._hand_over()
        self._ticking = self.loop.call_later(1.0, self._tick)

    def _hand_over(self) -> None:
        if self.tally.counts or self.tally.statuses:
            tally, self.tally = self.tally, Tally()
            self.reporter.hand_over(tally)
