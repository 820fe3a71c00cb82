"""The words of the pipeline."""

from django.db.models import TextChoices


class DeadLetterState(TextChoices):
    """What became of a dead letter."""

    OPEN = "open", "Open"
    RESUBMITTED = "resubmitted", "Resubmitted"
    DISCARDED = "discarded", "Discarded"


class ConsumerCondition(TextChoices):
    """How a consumer is doing, the worst first."""

    STOPPED = "stopped", "Stopped by rule"
    NOT_RUNNING = "not_running", "Not running"
    STUCK = "stuck", "Stuck in a batch"
    WAITING = "waiting", "Waiting"
    STARTING = "starting", "Starting"
    RUNNING = "running", "Running"
