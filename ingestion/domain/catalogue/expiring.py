"""What the catalogue forgets: examples after 30 days at most, numbers by day after 400, counts of broken plans after 90."""

from datetime import datetime, timedelta

from django.db.models import F, IntegerField
from django.db.models.functions import Mod

from ingestion.models import CatalogueUse, CatalogueVolume, PlanViolation

EXAMPLES_KEPT_DAYS = 30
VOLUMES_KEPT = timedelta(days=400)
VIOLATIONS_KEPT = timedelta(days=90)


def expire(*, now: datetime) -> None:
    """Forget it; to be called each day. Each day takes the examples of a thirtieth, which traffic then shows anew."""
    turn = now.date().toordinal() % EXAMPLES_KEPT_DAYS
    numbered = CatalogueUse.objects.alias(turn=Mod(F("pk"), EXAMPLES_KEPT_DAYS, output_field=IntegerField()))
    numbered.filter(turn=turn).exclude(examples={}).update(examples={}, has_more=False)
    CatalogueVolume.objects.filter(day__lt=(now - VOLUMES_KEPT).date()).delete()
    PlanViolation.objects.filter(day__lt=(now - VIOLATIONS_KEPT).date()).delete()
