"""What the composition root keeps: the reconciliations of the pipeline, and how many people there were."""

from cdp_site.models.people_tally import PeopleTally
from cdp_site.models.reconciliation import Reconciliation, ReconciliationFinding, ReconciliationHour

__all__ = ["PeopleTally", "Reconciliation", "ReconciliationFinding", "ReconciliationHour"]
