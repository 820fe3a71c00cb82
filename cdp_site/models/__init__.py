"""What the composition root keeps: the reconciliations of the pipeline."""

from cdp_site.models.reconciliation import Reconciliation, ReconciliationFinding, ReconciliationHour

__all__ = ["Reconciliation", "ReconciliationFinding", "ReconciliationHour"]
