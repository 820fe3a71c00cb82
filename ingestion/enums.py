"""Choices of ingestion."""

from django.db.models import TextChoices


class Result(TextChoices):
    """What became of an item that reached the collector."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    SUPPRESSED = "suppressed", "Suppressed"
    SPOOLED = "spooled", "Accepted, waiting in the spool"


class ImportState(TextChoices):
    """Where an import stands."""

    DRAFT = "draft", "Waiting for its columns to be mapped"
    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def ended(cls) -> frozenset["ImportState"]:
        """The states after which nothing more comes."""
        return frozenset({cls.DONE, cls.FAILED, cls.CANCELLED})
