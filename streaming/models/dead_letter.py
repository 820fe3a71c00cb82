"""Messages that a consumer could not process, as they stood in the log."""

from django.db import models

from streaming.enums import DeadLetterState


class DeadLetter(models.Model):
    """One message; written by the runtime in the transaction that moved the consumer's position past it."""

    consumer = models.TextField()
    topic = models.TextField()
    partition = models.IntegerField()
    offset = models.BigIntegerField()
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)
    headers = models.JSONField(default=list, help_text="Pairs of a name and a value in base64.")
    reason = models.TextField()
    appended_at = models.DateTimeField(help_text="When the message entered the log.")
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=DeadLetterState.choices, default=DeadLetterState.OPEN, db_default="open"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "dead_letter"
        indexes = [models.Index(fields=["consumer", "state", "-id"], name="dead_letter_listing")]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset} for {self.consumer}"
