"""What counts as unusual access, and how far the trail was looked through for it."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class AccessWatch(models.Model):
    """The only row. `vips` are pseudonyms; `seen_seq` is the last place of the chain that was looked at.

    Hours are those of the installation's time zone; without both, none is unusual. Without `times_usual` nobody is held
    against what they did before, without `token_people_an_hour` no program is held against a number.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    people_an_hour = models.PositiveIntegerField(
        default=200, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    opens_at = models.TimeField(null=True, blank=True)
    closes_at = models.TimeField(null=True, blank=True)
    weekends_are_unusual = models.BooleanField(default=False)
    times_usual = models.PositiveSmallIntegerField(
        null=True, blank=True, db_default=3, validators=[MinValueValidator(2), MaxValueValidator(100)]
    )
    usual_from = models.PositiveIntegerField(
        db_default=20, validators=[MinValueValidator(1), MaxValueValidator(1_000_000)]
    )
    token_people_an_hour = models.PositiveIntegerField(
        null=True,
        blank=True,
        db_default=5000,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
    )
    tokens_keep_hours = models.BooleanField(db_default=False)
    vips = ArrayField(models.UUIDField(), default=list, blank=True)
    seen_seq = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="compliance_access_watch_is_one")]

    def __str__(self) -> str:
        return f"more than {self.people_an_hour} people an hour"


class AccessDay(models.Model):
    """How many people somebody saw in the busiest hour of a day; some weeks of these say what is usual for them."""

    actor_kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=150)
    day = models.DateField(db_index=True)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor_kind", "actor", "day"], name="compliance_access_day_is_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor} on {self.day}: {self.people}"
