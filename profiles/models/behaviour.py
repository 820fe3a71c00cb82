"""How visits went, per anchor: `profiles.behaviour` keeps both tables. `anchor` is the anchor's birth id."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class VisitBehaviour(models.Model):
    """A visit: the facts that it is made of, and what follows from them.

    `key` is the id that an SDK gave it, else empty. `facts` are in the form of `profiles.behaviour.storing`; `is_cut`
    says that some were left out. `features` and `annoyances` are empty while nothing was done in it that behaviour
    is about; then the row only shows that the visit went on.
    """

    pk = models.CompositePrimaryKey("anchor", "id")
    anchor = models.UUIDField()
    id = models.UUIDField()
    source_id = models.IntegerField()
    key = models.TextField(db_collation="C")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    facts = models.BinaryField()
    is_cut = models.BooleanField()
    features = models.JSONField(null=True)
    annoyances = models.JSONField(null=True)
    purposes = ArrayField(
        models.TextField(), null=True, help_text="what its events said of purposes, each kind once"
    )

    class Meta:
        db_table = "profiles_behaviour_visit"
        indexes = [
            models.Index("anchor", "source_id", "first_at", name="profiles_behaviour_place"),
            models.Index(
                "anchor",
                "first_at",
                name="profiles_behaviour_time",
                condition=models.Q(features__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"behaviour of visit {self.id}"


class BehaviourLock(models.Model):
    """An anchor with visits: whoever changes their behaviour locks this row first."""

    anchor = models.UUIDField(primary_key=True)

    class Meta:
        db_table = "profiles_behaviour_lock"

    def __str__(self) -> str:
        return f"behaviour of anchor {self.anchor}"
