"""Versions of a plan: the list, and what changed between two of them, or between one and the draft."""

from typing import Any

from django.http import HttpRequest

from ingestion.admin.addresses import number
from ingestion.domain.plans.comparing import differences
from ingestion.models import PlanVersion, TrackingPlan

SHOWN = 50


def versions_context(request: HttpRequest, plan: TrackingPlan | None) -> dict[str, Any]:
    """What the page says of versions: `version` of the address compared `with` another, else with what holds."""
    if plan is None:
        return {"versions": []}
    versions = list(plan.versions.defer("document")[:SHOWN])
    by_number = {each.number: each for each in versions}
    compared, other = (
        by_number.get(number(request, "version") or 0),
        by_number.get(number(request, "with") or 0),
    )
    if compared is None:
        return {"versions": versions}
    return {"versions": versions, "compared": compared, **_compared(plan, compared, other)}


def _compared(plan: TrackingPlan, compared: PlanVersion, other: PlanVersion | None) -> dict[str, Any]:
    if other is not None:
        return {"other": other, "compared_differences": differences(compared.document, other.document)}
    holding = plan.published.document if plan.published else {}
    return {"compared_differences": differences(holding, compared.document)}
