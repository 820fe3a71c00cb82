"""The words of the pipeline."""

from django.db.models import TextChoices


class DeadLetterState(TextChoices):
    """What became of a dead letter."""

    OPEN = "open", "Open"
    QUEUED = "queued", "Waiting to go back"
    RESUBMITTED = "resubmitted", "Resubmitted"
    DISCARDED = "discarded", "Discarded"


class ResubmissionState(TextChoices):
    """How a background job stands that sends dead letters back."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def active(cls) -> "tuple[ResubmissionState, ...]":
        """Those of jobs that go on."""
        return cls.QUEUED, cls.RUNNING


class ConsumerCondition(TextChoices):
    """How a consumer is doing, the worst first."""

    STOPPED = "stopped", "Stopped by rule"
    NOT_RUNNING = "not_running", "Not running"
    STUCK = "stuck", "Stuck in a batch"
    WAITING = "waiting", "Waiting"
    STARTING = "starting", "Starting"
    RUNNING = "running", "Running"


STANDING = frozenset({ConsumerCondition.STOPPED, ConsumerCondition.NOT_RUNNING, ConsumerCondition.STUCK})
"""Conditions in which a consumer applies nothing until somebody sees to it."""
