"""The collectors that run, and what each holds in its spool."""

from django.db import models


class CollectorProcess(models.Model):
    """One collector's last sign of life. Its spool bounds how far readers of the log may trust the clock."""

    name = models.CharField(max_length=120, primary_key=True, help_text="Host, process id and start")
    host = models.CharField(max_length=100)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    spooled_records = models.BigIntegerField(default=0)
    spooled_bytes = models.BigIntegerField(default=0)
    oldest_spooled_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(
        max_length=300, blank=True, help_text="What keeps it from the log, if anything"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
