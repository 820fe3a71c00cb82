"""Background jobs that send dead letters back to their consumer."""

from django.db import models
from django.db.models import Q

from streaming.enums import ResubmissionState


class Resubmission(models.Model):
    """One job: letters of one consumer, in the order in which their messages first stood in the log.

    Whoever runs it holds a lease, renewed with each of its transactions. `next_at` keeps to the rate, whoever runs it.
    """

    consumer = models.TextField()
    alike = models.BigIntegerField(
        null=True, blank=True, help_text="One of the letters, when all have its reason"
    )
    rate = models.FloatField(
        null=True, blank=True, help_text="Letters per second at most; without one, no limit"
    )
    state = models.CharField(max_length=12, choices=ResubmissionState, default=ResubmissionState.QUEUED)
    asked = models.BigIntegerField(help_text="Letters that it began with")
    sent = models.BigIntegerField(default=0)
    left_open = models.BigIntegerField(default=0, help_text="Letters that the log would never take")
    created_at = models.DateTimeField()
    created_by = models.TextField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "resubmission"
        indexes = [
            models.Index(
                fields=["consumer", "id"],
                name="resubmission_active",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"resubmission {self.pk} for {self.consumer}"
