"""Runs of connections: how far each came, and the rows that could not be taken."""

from django.db import models
from django.db.models import Q

from ingestion.enums import RunCause, RunState


class ConnectionRun(models.Model):
    """One reading of a stream. `position` says how far its rows are durable in the log.

    Whoever runs it holds a lease, renewed with each commit of its progress; a run without a lease stops there.
    """

    stream = models.ForeignKey("ingestion.Stream", on_delete=models.CASCADE, related_name="runs")
    cause = models.CharField(max_length=16, choices=RunCause)
    state = models.CharField(max_length=16, choices=RunState, default=RunState.QUEUED)
    failure = models.TextField(blank=True, help_text="Why it failed or waits, and what would help")
    notes = models.JSONField(default=list, help_text="Sentences of the report")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    position = models.JSONField(null=True, blank=True)
    rows_per_second = models.PositiveIntegerField(null=True, blank=True, help_text="No more than so many")
    expected = models.BigIntegerField(null=True, blank=True, help_text="About how many rows there are")
    read = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0, help_text="Events that are in the log")
    rejected = models.BigIntegerField(default=0)
    suppressed = models.BigIntegerField(default=0)
    running_seconds = models.FloatField(default=0)

    lease_owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["stream", "-id"], name="connection_run_of_stream"),
            models.Index(
                fields=["state"], name="connection_run_open", condition=Q(state__in=["queued", "running"])
            ),
        ]
        constraints = [
            # Two readers of one state would overtake each other. A backfill has a state of its own.
            models.UniqueConstraint(
                fields=["stream"],
                name="connection_run_single",
                condition=Q(state__in=["queued", "running"]) & ~Q(cause="backfill"),
            ),
            models.UniqueConstraint(
                fields=["stream"],
                name="connection_run_single_backfill",
                condition=Q(state__in=["queued", "running"], cause="backfill"),
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.stream}"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in RunState.ended()


class ConnectionRowError(models.Model):
    """A row that was not taken, and why. Kept up to a number per run; all of them are counted."""

    run = models.ForeignKey(
        ConnectionRun, on_delete=models.CASCADE, related_name="row_errors", db_index=False
    )
    row = models.BigIntegerField(help_text="In the order of reading")
    line = models.BigIntegerField(default=0, help_text="Where the source has lines")
    reason = models.CharField(max_length=300)
    raw = models.TextField(help_text="The beginning of the row")

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["run", "row"], name="connection_row_error_unique")]

    def __str__(self) -> str:
        return f"row {self.row} of run {self.run_id}"
