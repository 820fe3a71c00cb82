"""What takes a second person: which things do, and what was asked for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class ApprovalPolicy(models.Model):
    """The only row: for which kinds (`compliance.domain.approvals.kinds`) a second person is asked."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    kinds = ArrayField(models.CharField(max_length=20), default=list, db_default=[], blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="compliance_approval_policy_is_one")]

    def __str__(self) -> str:
        return ", ".join(self.kinds) or "nothing"


class Approval(models.Model):
    """What somebody asked a second person for.

    `payload` says exactly what, without personal data beyond ids and pseudonyms; `digest` seals it with the asker and the
    reason, so that nothing else is approved or used. `asker` is the account (`staff:ada`, `token:7`), `behind` the member
    of staff who answers for it. What is approved for the asker to use can be used once until `use_until`.
    """

    kind = models.CharField(max_length=20)
    payload = models.JSONField()
    digest = models.CharField(max_length=32)
    target = models.CharField(max_length=200)
    why = models.CharField(max_length=400)
    link = models.CharField(max_length=200, blank=True, default="")
    asker = models.CharField(max_length=200)
    asked_by = models.CharField(max_length=150)
    behind = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    decided_by = models.CharField(max_length=150, blank=True, default="")
    decided_why = models.CharField(max_length=400, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    use_until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="compliance_approval_open",
                condition=Q(state__in=["waiting", "approved"]),
            ),
            models.Index(fields=["behind", "-id"], name="compliance_approval_of"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.target}, asked by {self.asked_by}"
