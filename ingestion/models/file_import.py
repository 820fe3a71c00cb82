"""Imports of files, and the rows of them that could not be taken."""

from django.db import models
from django.db.models import Q

from ingestion.enums import ImportState


class FileImport(models.Model):
    """One run through a file. `offset`, `line` and `row` say how far its rows are durable in the log.

    Whoever runs it holds a lease, renewed with each commit of its progress; a run without a lease stops there.
    """

    name = models.CharField(max_length=200, help_text="The name the file had")
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="imports")
    path = models.TextField(help_text="Where the file lies")
    uploaded = models.BooleanField(help_text="Whether the file is our copy, to be deleted afterwards")
    file_hash = models.CharField(max_length=64, help_text="SHA-256 of the unpacked content")
    content_bytes = models.BigIntegerField(help_text="Length of the unpacked content")
    format = models.JSONField()
    mapping = models.JSONField()

    state = models.CharField(max_length=16, choices=ImportState, default=ImportState.DRAFT)
    failure = models.TextField(blank=True, help_text="Why it failed, and what would help")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    file_deleted_at = models.DateTimeField(null=True, blank=True)

    offset = models.BigIntegerField(default=0, help_text="Bytes of UTF-8 content that are done")
    line = models.BigIntegerField(default=0)
    row = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    suppressed = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0, help_text="Rows that an earlier import brought in")
    running_seconds = models.FloatField(default=0)

    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["file_hash"], name="file_import_hash"),
            models.Index(
                fields=["state"], name="file_import_open", condition=Q(state__in=["queued", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} of {self.name}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ImportState.ended()


class RowError(models.Model):
    """A row that was not taken, and why. Kept up to a number per import; all of them are counted."""

    file_import = models.ForeignKey(
        FileImport, on_delete=models.CASCADE, related_name="row_errors", db_index=False
    )
    row = models.BigIntegerField()
    line = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    raw = models.TextField(help_text="The beginning of the row as it stands in the file")

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["file_import", "row"], name="row_error_unique")]

    def __str__(self) -> str:
        return f"row {self.row} of import {self.file_import_id}"
