"""Items that the collector did not accept."""

import uuid

from django.db import models


class Rejection(models.Model):
    """One rejected item with its reason, as it was received (bounded). Written by the consumer `rejections`."""

    uid = models.UUIDField(
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text="Given when it was rejected: what arrives twice is kept once",
    )
    source = models.ForeignKey(
        "ingestion.Source", on_delete=models.PROTECT, related_name="rejections", db_index=False
    )
    received_at = models.DateTimeField()
    code = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    type = models.CharField(max_length=16, blank=True)
    name = models.CharField(max_length=200, blank=True)
    message_id = models.CharField(max_length=100, blank=True)
    raw = models.TextField(blank=True, help_text="The item as JSON, cut at 32 KB")
    raw_bytes = models.PositiveIntegerField(help_text="Its whole length")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["source", "-id"], name="rejection_by_source"),
            models.Index(
                fields=["message_id"], name="rejection_by_message", condition=~models.Q(message_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} at {self.received_at}"
