"""What a source sent, minute by minute."""

from django.db import models

from ingestion.enums import Result


class SourceMinute(models.Model):
    """How many items of one source, event and result reached the collectors in one minute (UTC).

    For screens: a process that dies loses its last second. What must balance is counted from the log.
    """

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+")
    minute = models.DateTimeField()
    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    result = models.CharField(max_length=16, choices=Result)
    events = models.BigIntegerField()

    class Meta:
        ordering = ["-minute"]
        constraints = [
            models.UniqueConstraint(
                fields=["minute", "source", "type", "name", "result"], name="source_minute_unique"
            ),
        ]
        indexes = [models.Index(fields=["source", "-minute"], name="source_minute_by_source")]

    def __str__(self) -> str:
        return f"{self.events} {self.name} at {self.minute}"
