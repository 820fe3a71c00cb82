"""Where events come from: a source and its write keys."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Source(models.Model):
    """A website, app or system that sends events. Never deleted: events name it for ever.

    `visit_timeout` is after how many minutes without an event a visit there has ended. `purposes` are the keys of what
    its data may be used for, where neither an event itself nor the catalogue says otherwise; none: it is not limited.
    `purpose` is the key of what it collects for: events of people who may not be used for that are not taken.
    """

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    visit_timeout = models.PositiveSmallIntegerField(default=30, db_default=30)
    purpose = models.CharField(max_length=40, default="", db_default="", blank=True)
    purposes = ArrayField(models.CharField(max_length=100), default=list, db_default=[], blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        """Whether the collector takes its events."""
        return self.disabled_at is None


class WriteKey(models.Model):
    """A public key with which a source sends, and can do nothing else. Two may be active, for rotation."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="write_keys")
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["source"], name="write_key_active", condition=Q(disabled_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.key[:4]}… of {self.source}"

    @property
    def is_active(self) -> bool:
        """Whether the collector takes it."""
        return self.disabled_at is None
