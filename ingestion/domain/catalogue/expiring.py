"""What the catalogue forgets: examples after 30 days at most, numbers by day after 400, counts of broken plans after 90.

Ids that were learned as names, before what stands under them had one path, are forgotten unless somebody said something of them.
"""

from datetime import datetime, timedelta

from django.db.models import F, IntegerField
from django.db.models.functions import Mod

from ingestion.domain.catalogue.nesting import names_an_id
from ingestion.models import CatalogueKey, CatalogueUse, CatalogueVolume, PlanViolation

EXAMPLES_KEPT_DAYS = 30
VOLUMES_KEPT = timedelta(days=400)
VIOLATIONS_KEPT = timedelta(days=90)
_AT_ONCE = 1000


def expire(*, now: datetime) -> None:
    """Forget it; to be called each day. Each day takes the examples of a thirtieth, which traffic then shows anew."""
    turn = now.date().toordinal() % EXAMPLES_KEPT_DAYS
    numbered = CatalogueUse.objects.alias(turn=Mod(F("pk"), EXAMPLES_KEPT_DAYS, output_field=IntegerField()))
    numbered.filter(turn=turn).exclude(examples={}).update(examples={}, has_more=False)
    CatalogueVolume.objects.filter(day__lt=(now - VOLUMES_KEPT).date()).delete()
    PlanViolation.objects.filter(day__lt=(now - VIOLATIONS_KEPT).date()).delete()
    _forget_ids()


def _forget_ids() -> None:
    """They would count towards how many keys a source may have."""
    unsaid = CatalogueKey.objects.filter(category="", description="", owner="", purposes=[])
    numbered = unsaid.filter(name__regex="[0-9@]").values_list("pk", "name", "is_nested")
    ids = [pk for pk, name, is_nested in numbered.iterator() if names_an_id(name, is_nested=is_nested)]
    for start in range(0, len(ids), _AT_ONCE):
        CatalogueKey.objects.filter(pk__in=ids[start : start + _AT_ONCE]).delete()
