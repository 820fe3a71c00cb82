"""Whether some scheduler acts: without one nothing periodic happens, and nobody notices at once."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

_ACTS = "SELECT expires_at > clock_timestamp() FROM scheduler_lease"


def scheduling_figures(_now: datetime) -> Iterator[Metric]:
    """As the lease says, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_ACTS)
        row = cursor.fetchone()
    acting = GaugeMetricFamily("headwater_scheduler_acting", "1 while a scheduler starts periodic jobs")
    acting.add_metric([], bool(row and row[0]))
    yield acting
