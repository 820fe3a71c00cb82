"""How far the sealer of the audit trail is: rows that wait for long may be changed unnoticed."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from compliance.sealing.condition import unsealed
from compliance.sealing.sealer import head


def audit_figures(_now: datetime) -> Iterator[Metric]:
    """As the trail says, by the database's clock."""
    waiting = unsealed()
    figures = {
        "unsealed_rows": ("Rows of the audit trail that are not sealed yet", waiting.count),
        "unsealed_age_seconds": ("Age of the oldest row of the audit trail that is not sealed yet", waiting.age.total_seconds()),
        "sealed_rows": ("Rows in the hash chain of the audit trail", head()[0]),
    }  # fmt: skip
    for name, (text, value) in figures.items():
        figure = GaugeMetricFamily(f"headwater_audit_{name}", text)
        figure.add_metric([], value)
        yield figure
