"""The rules of all sources, as they are now: read as often as keys and topics are."""

import logging
from collections.abc import Mapping

from compliance.gate import purpose_rules
from ingestion.domain.consent_signals import all_meanings
from ingestion.domain.plans.checking import CompiledPlan
from ingestion.domain.plans.collecting import CollectedFor
from ingestion.domain.plans.document import Plan, PlanError
from ingestion.domain.plans.rules import Purposes, SourceRules
from ingestion.models import CatalogueEvent, CatalogueKey, PlanVersion, Source, TrackingPlan

logger = logging.getLogger(__name__)
_compiled: dict[int, CompiledPlan | None] = {}
"""By the id of the version, which never changes; what no longer holds is dropped."""


def load_rules() -> Mapping[int, SourceRules]:
    """The rules by source; a source without any is not among them. Raises django.db.Error."""
    purposes = dict(Source.objects.exclude(purposes=[]).values_list("pk", "purposes"))
    of_events = {
        (kind, name): each
        for kind, name, each in CatalogueEvent.objects.exclude(purposes=[]).values_list(
            "type", "name", "purposes"
        )
    }
    of_keys: dict[str, dict[str, Purposes]] = {}
    for kind, name, each in CatalogueKey.objects.exclude(purposes=[]).values_list("kind", "name", "purposes"):
        of_keys.setdefault(kind, {})[name] = each
    plans, bound, meanings = _plans(), _bound(), all_meanings()
    limited = (
        Source.objects.values_list("pk", flat=True)
        if of_events or of_keys
        else {*purposes, *plans, *bound, *meanings}
    )
    return {
        source_id: SourceRules(
            purposes=purposes.get(source_id, []),
            of_events=of_events,
            of_keys=of_keys,
            plan=plans.get(source_id),
            collected_for=bound.get(source_id),
            meanings=meanings.get(source_id),
        )
        for source_id in limited
    }


def _bound() -> dict[int, CollectedFor]:
    """What sources collect for. Where there is no such purpose any more, the builder takes nothing."""
    bound = dict(Source.objects.exclude(purpose="").values_list("pk", "purpose"))
    names = {rule.key: rule.names for rule in purpose_rules(set(bound.values()))}
    return {source_id: CollectedFor(key, names.get(key, frozenset())) for source_id, key in bound.items()}


def _plans() -> dict[int, CompiledPlan | None]:
    holding = dict(TrackingPlan.objects.exclude(published=None).values_list("source_id", "published_id"))
    for unknown in PlanVersion.objects.filter(pk__in=set(holding.values()) - _compiled.keys()):
        _compiled[unknown.pk] = _compile(unknown)
    for gone in _compiled.keys() - set(holding.values()):
        _compiled.pop(gone, None)
    return {source_id: _compiled.get(version) for source_id, version in holding.items()}


def _compile(version: PlanVersion) -> CompiledPlan | None:
    try:
        return CompiledPlan(Plan.from_json(version.document), version.number)
    except PlanError:
        logger.exception("version %d of the tracking plan %d cannot be used: nothing is checked", version.number, version.plan_id)  # fmt: skip
        return None
