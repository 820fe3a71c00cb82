"""Messages that a consumer could not process, as they stood in the log; and what a person made of them."""

from django.db import models
from django.db.models import Q

from streaming.enums import DeadLetterState


class DeadLetter(models.Model):
    """One message; written by the runtime in the transaction that moved the consumer's position past it.

    A message that was sent back and refused again is a dead letter of its own: `former` is the id of the one before,
    and the `origin_*` say where the message first stood. A queued one waits in its `resubmission`, as number
    `resubmission_number`.
    """

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
    origin_topic = models.TextField(null=True, blank=True)
    origin_partition = models.IntegerField(null=True, blank=True)
    origin_offset = models.BigIntegerField(null=True, blank=True)
    former = models.BigIntegerField(null=True, blank=True)
    resubmission = models.ForeignKey(
        "Resubmission",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="letters",
        db_index=False,
    )
    resubmission_number = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "dead_letter"
        indexes = [
            models.Index(fields=["consumer", "state", "-id"], name="dead_letter_listing"),
            models.Index(
                fields=["resubmission", "resubmission_number"],
                name="dead_letter_queue",
                condition=Q(state="queued"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset} for {self.consumer}"


class DeadLetterEdit(models.Model):
    """What a person sent back in the place of a dead letter, whose own bytes stay as they are."""

    dead_letter = models.ForeignKey(DeadLetter, on_delete=models.CASCADE, related_name="edits")
    key = models.BinaryField(null=True)
    value = models.BinaryField(null=True)
    edited_at = models.DateTimeField()
    edited_by = models.TextField()

    class Meta:
        db_table = "dead_letter_edit"

    def __str__(self) -> str:
        return f"edit {self.pk} of dead letter {self.dead_letter_id}"
