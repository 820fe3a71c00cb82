"""What arrives now, for the live page."""

from django.db import models

from ingestion.enums import Result


class LiveEvent(models.Model):
    """An arriving item, kept for 15 minutes. The table is unlogged: a crash of the database empties it.

    When more arrive than are kept, one row stands for `sample_of` items of its second.
    """

    at = models.DateTimeField()
    source = models.ForeignKey(
        "ingestion.Source", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    result = models.CharField(max_length=16, choices=Result)
    reason = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=100, blank=True)
    raw = models.TextField(help_text="The event as it went to the log, or the rejected item as received")
    sample_of = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="live_event_at")]

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
