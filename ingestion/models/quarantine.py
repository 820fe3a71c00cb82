"""Events that their source's plan keeps out of the log until somebody decides, and the jobs that send them back."""

from django.db import models

from ingestion.enums import QuarantineState, ResendState


class Quarantined(models.Model):
    """One event as it would have gone to the log, with what is wrong with it. Written by the consumer `quarantine`.

    (source, client time, hash of the message id) is the message's identity: what arrives twice is kept once.
    `value` is emptied when it went on, was suppressed or was discarded.
    """

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    client_time = models.BigIntegerField(help_text="As `message_seen` has it")
    hash = models.UUIDField()
    message_id = models.CharField(max_length=100)
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    plan_version = models.PositiveIntegerField()
    received_at = models.DateTimeField()
    quarantined_at = models.DateTimeField()
    value = models.TextField(help_text="The event as JSON")
    state = models.CharField(max_length=16, choices=QuarantineState, default=QuarantineState.OPEN)
    resend = models.ForeignKey(
        "ingestion.Resend", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "client_time", "hash"], name="quarantined_unique")
        ]
        indexes = [
            models.Index(
                fields=["source", "type", "name", "reason", "id"],
                name="quarantined_open",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["decided_at"], name="quarantined_decided"),
            models.Index(fields=["message_id"], name="quarantined_message"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


class Resend(models.Model):
    """A job that mends quarantined events of one group and sends them on: one process at a time, under a lease."""

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    steps = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=ResendState, default=ResendState.QUEUED)
    asked = models.PositiveBigIntegerField(default=0)
    sent = models.PositiveBigIntegerField(default=0)
    kept = models.PositiveBigIntegerField(default=0, help_text="Still broke the plan: in quarantine again")
    suppressed = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"resend {self.pk}"
