"""The audit trail."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from compliance.enums import ActorKind

_SEALED = Q(
    sealed_hash__isnull=False
)  # whoever waits for a row waits for two indexes, not for five (docs/adr/0142)


class AuditEntry(models.Model):
    """Who did what, when and from where; refers to nothing by foreign key, so that nothing deletes it.

    `subjects` are the keyed pseudonyms of the people concerned. The database refuses to delete, to empty, and every
    change but the sealing of a row into the hash chain.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in ActorKind])
    actor = models.CharField(max_length=150)
    address = models.CharField(max_length=45, blank=True, default="")
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=200, blank=True, default="")
    subjects = ArrayField(models.UUIDField(), default=list)
    categories = ArrayField(models.CharField(max_length=20), default=list)
    purpose = models.CharField(max_length=40, blank=True, default="")
    detail = models.JSONField(default=dict)
    sealed_seq = models.BigIntegerField(null=True, unique=True, editable=False)
    sealed_hash = models.BinaryField(null=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-id"], name="compliance_audit_of_actor", condition=_SEALED),
            models.Index(fields=["action", "-id"], name="compliance_audit_of_action", condition=_SEALED),
            GinIndex(fields=["subjects"], name="compliance_audit_of_subject", condition=_SEALED),
            models.Index(fields=["id"], condition=Q(sealed_hash=None), name="compliance_audit_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}".strip()
