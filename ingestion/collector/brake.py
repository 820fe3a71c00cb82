"""The collector's brake: requests are slowed, and at last refused, before retention takes what a consumer has not read.

A thread keeps the pressure, so that a request on the way in reads one attribute and asks nothing (docs/adr/0034).
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from django import db
from prometheus_client import Counter, Gauge

from ingestion.collector import answers
from ingestion.collector.answers import Refused
from streaming.contracts.log import EventLog
from streaming.domain.flow.pressure import LONGEST_DELAY_S, Pressure, delay_of
from streaming.domain.flow.sampling import Sampler

INTERVAL_S = 1.0
MAX_DELAYED = 500
MAX_DELAYED_BYTES = 16 * 1024 * 1024  # of JSON, which takes some ten times as much while it is held
PRESSURE = Gauge(
    "headwater_collector_pressure_ratio", "The largest share of what is kept that a consumer has not read",
    multiprocess_mode="livemax",
)  # fmt: skip
DELAY = Gauge(
    "headwater_collector_delay_seconds", "How long each request is held back; +Inf: requests are refused",
    multiprocess_mode="livemax",
)  # fmt: skip
BRAKED = Counter(
    "headwater_collector_braked_requests_total", "Requests that were held back, or refused", ["how"]
)
_DELAYED, _REFUSED = BRAKED.labels("delayed"), BRAKED.labels("refused")

logger = logging.getLogger(__name__)


class Brake:
    """`is_on` is read for each request; `hold_back` is called when it is. The last pressure known holds on."""

    def __init__(self, open_log: Callable[[], EventLog]) -> None:
        self.is_on = False
        self._delay = 0.0
        self._delayed = self._delayed_bytes = 0
        self._open_log = open_log
        self._sampler = Sampler()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="collector-brake", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join(timeout=10)

    async def hold_back(self, size: int) -> None:
        """Wait as long as the pressure asks for, with so many bytes. Raises Refused when nothing more should come in."""
        if self._delay > LONGEST_DELAY_S or self._is_full(size):
            _REFUSED.inc()
            raise Refused(answers.BRAKED)
        _DELAYED.inc()
        self._delayed += 1
        self._delayed_bytes += size
        try:
            await asyncio.sleep(self._delay)
        finally:
            self._delayed -= 1
            self._delayed_bytes -= size

    def _is_full(self, size: int) -> bool:
        return self._delayed >= MAX_DELAYED or self._delayed_bytes + size > MAX_DELAYED_BYTES

    def obey(self, found: Pressure) -> None:
        """Slow down, stop or let go by this pressure."""
        delay = delay_of(found.used)
        if (delay > 0) != self.is_on or (delay > LONGEST_DELAY_S) != (self._delay > LONGEST_DELAY_S):
            logger.warning("the collector %s: %s", _verdict(delay), found.sentence)
        self._delay = delay
        self.is_on = delay > 0
        PRESSURE.set(found.used)
        DELAY.set(delay)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._look()
            self._stopped.wait(INTERVAL_S)
        db.connection.close()

    def _look(self) -> None:
        try:
            db.close_old_connections()
            self.obey(self._sampler.pressure(self._open_log, datetime.now(UTC)))
        except db.Error as error:
            db.connection.close()
            logger.debug("how consumers keep up is not known while the database is away: %s", error)
        except Exception:  # without this thread the brake would stay as it is, on or off, for good
            logger.exception("how consumers keep up could not be found out; the last pressure known holds")


def _verdict(delay: float) -> str:
    if delay > LONGEST_DELAY_S:
        return "refuses requests"
    return "slows requests down" if delay else "takes requests at full speed again"
