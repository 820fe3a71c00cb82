"""Figures that stand in the database: read for each scrape, and at most every few seconds."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django import db
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

FRESH_S = 5.0

Reader = Callable[[datetime], Iterable[Metric]]


class DatabaseFigures(Collector):
    """Asks the readers. When the database does not answer, it says just that."""

    def __init__(self, readers: Iterable[Reader]) -> None:
        self._readers = tuple(readers)
        self._lock = threading.Lock()
        self._known: list[Metric] = []
        self._read_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """The figures of now, or of a moment ago."""
        with self._lock:
            if time.monotonic() - self._read_at > FRESH_S:
                self._known = self._read()
                self._read_at = time.monotonic()
            yield from self._known

    def _read(self) -> list[Metric]:
        up = GaugeMetricFamily("headwater_database_up", "1 while the database answers")
        figures: list[Metric] = [up]
        try:
            db.close_old_connections()
            for read in self._readers:
                figures.extend(read(timezone.now()))
            up.add_metric([], 1)
        except db.Error:
            up.add_metric([], 0)
            figures = [up]
        finally:
            db.connection.close()
        return figures
