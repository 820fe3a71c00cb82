"""Reconciliations: each with its counts by hour and what it found missing."""

from django.db import models
from django.db.models import Value

from cdp_site.reconciliation.enums import FindingKind, RunState


class Reconciliation(models.Model):
    """One comparison of what was accepted with what became of it.

    `since` is the moment from which on everything is judged: what is older may have been forgotten by rule.
    `topics` has per topic its identity and, where it was made anew since the reconciliation before, since when it
    counts. `downstream` has per consumer and topic how far it is. `elsewhere` has the hosts whose spool held events
    that could not be compared from here. `findings` counts all, also those without a row.
    """

    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    progressed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_asked = models.BooleanField(default=False)
    records = models.BigIntegerField(default=0, help_text="to read")
    records_read = models.BigIntegerField(default=0)
    since = models.DateTimeField(null=True)
    findings = models.BigIntegerField(default=0)
    trouble = models.TextField(default="")
    topics = models.JSONField(default=dict)
    downstream = models.JSONField(default=list)
    elsewhere = models.JSONField(
        default=list,
        db_default=Value([], output_field=models.JSONField()),
        help_text="of each host: host, since, records, reasons",
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"

    @property
    def hosts_elsewhere(self) -> list[str]:
        """The hosts whose spool was not compared although it held events, or may have."""
        return [each["host"] for each in self.elsewhere]

    @property
    def reservation(self) -> str:
        """What stands behind "balanced" or "not balanced" in words: which spools it says nothing of, if any."""
        return f", apart from the spool of {', '.join(self.hosts_elsewhere)}" if self.elsewhere else ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in (RunState.QUEUED, RunState.RUNNING)


class ReconciliationHour(models.Model):
    """The distinct messages that one source sent to one topic in one hour (of `received_at`), by what became of them.

    Source 0 stands for records that nobody can read. `duplicates` counts copies beyond the first.
    """

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    source_id = models.IntegerField()
    topic = models.TextField()
    applied = models.BigIntegerField()
    dead_lettered = models.BigIntegerField()
    suppressed = models.BigIntegerField()
    quarantined = models.BigIntegerField(default=0, db_default=0)
    pending = models.BigIntegerField()
    missing = models.BigIntegerField()
    duplicates = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "hour", "source_id", "topic"], name="reconciliation_hour_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} in {self.hour:%Y-%m-%d %H}:00"


class ReconciliationFinding(models.Model):
    """One message, or one place in the log, that does not balance. Without a place: it is not in the log."""

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="found")
    kind = models.CharField(max_length=16, choices=FindingKind.choices)
    minute = models.DateTimeField(null=True, help_text="when it was received")
    source_id = models.IntegerField(default=0)
    message_id = models.TextField(default="")
    consumer = models.TextField(default="")
    topic = models.TextField(default="")
    partition = models.IntegerField(null=True)
    offset = models.BigIntegerField(null=True)
    records = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.message_id or self.topic}: {self.kind}"
