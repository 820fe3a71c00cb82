"""Addresses to which other systems send, and the last payloads that came there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Webhook(models.Model):
    """An address that takes payloads of another system and makes events of them.

    The address holds `public_id`, which nobody can guess. Secrets are encrypted with a key that is not in the
    database; the one before the current one holds until `former_until`.
    """

    public_id = models.CharField(max_length=43, unique=True)
    name = models.CharField(max_length=100, unique=True)
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="webhooks")
    scheme = models.CharField(max_length=20, help_text="See ingestion.domain.webhooks.schemes")
    scheme_settings = models.JSONField(default=dict, blank=True)
    secrets = models.TextField(blank=True, help_text="Encrypted (compliance.secrets)")
    former_until = models.DateTimeField(null=True, blank=True)
    headers = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    mapping = models.TextField(help_text="A document of ingestion.domain.mappings, as it was written")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=150)
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        """Whether it takes payloads."""
        return self.disabled_at is None


class WebhookPayload(models.Model):
    """One of the last payloads of a webhook, for the preview of its mapping. Encrypted; forgotten after a day."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="payloads", db_index=False)
    received_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(help_text="What the sender was answered")
    code = models.CharField(max_length=40, blank=True)
    events = models.PositiveIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(
        help_text="Encrypted (compliance.secrets), with the headers that the mapping sees"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="webhook_payload_latest"),
            models.Index(fields=["received_at"], name="webhook_payload_age"),
        ]

    def __str__(self) -> str:
        return f"payload of {self.webhook_id} at {self.received_at}"
