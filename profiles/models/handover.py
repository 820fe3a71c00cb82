"""Identifiers that were given to another person."""

from django.db import models
from django.db.models import Q

from profiles.enums import HandoverState
from profiles.models.namespace import Namespace


class Handover(models.Model):
    """From `day` on (UTC) the `value` of a namespace is another person's: docs/adr/0100.

    `former` and `holder` are the identifiers (by id) of before and after, `label` the value of the latter. While facts
    follow, `cursor` says behind which [anchor, day] they are still to be looked at, and a job holds it until
    `lease_until`.
    """

    id = models.BigAutoField(primary_key=True)
    namespace = models.ForeignKey(
        Namespace, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    value = models.TextField(db_collation="C")
    label = models.TextField(db_collation="C")
    day = models.DateField()
    former_id = models.BigIntegerField()
    holder_id = models.BigIntegerField()
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in HandoverState], db_index=True
    )
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    why = models.CharField(max_length=200, default="")
    taken_back_by = models.CharField(max_length=150, default="")
    taken_back_at = models.DateTimeField(null=True)
    cursor = models.JSONField(null=True)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["namespace", "value", "day"],
                condition=Q(taken_back_at__isnull=True),
                name="profiles_handover_once",
            )
        ]
        indexes = [
            models.Index("former_id", name="profiles_handover_former"),
            models.Index("holder_id", name="profiles_handover_holder"),
        ]

    def __str__(self) -> str:
        return f"handover {self.id} of {self.day}"
