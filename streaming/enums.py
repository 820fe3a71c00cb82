"""The words of the pipeline."""

from django.db.models import TextChoices


class DeadLetterState(TextChoices):
    """What became of a dead letter."""

    OPEN = "open", "Open"
    RESUBMITTED = "resubmitted", "Resubmitted"
    DISCARDED = "discarded", "Discarded"
