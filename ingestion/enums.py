"""Choices of ingestion."""

from django.db.models import TextChoices


class Result(TextChoices):
    """What became of an item that reached the collector."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    SUPPRESSED = "suppressed", "Suppressed"
    SPOOLED = "spooled", "Accepted, waiting in the spool"
    QUARANTINED = "quarantined", "In quarantine"


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


class KeyKind(TextChoices):
    """What a key of an event is."""

    PROPERTY = "property", "Property"
    TRAIT = "trait", "Trait"


class QuarantineState(TextChoices):
    """What was decided about an event in quarantine."""

    OPEN = "open", "Waiting for a decision"
    QUEUED = "queued", "On its way"
    SENT = "sent", "Mended and sent on"
    SUPPRESSED = "suppressed", "Suppressed meanwhile: not kept"
    DISCARDED = "discarded", "Discarded"


class ResendState(TextChoices):
    """Where a job stands that sends events out of quarantine. The first two are names that leases know."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class RunState(TextChoices):
    """Where a run of a connection stands."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def ended(cls) -> frozenset["RunState"]:
        """The states after which nothing more comes."""
        return frozenset({cls.DONE, cls.FAILED, cls.CANCELLED})


class RunCause(TextChoices):
    """Why a run of a connection was begun."""

    SCHEDULE = "schedule", "Schedule"
    PERSON = "person", "By hand"
    BACKFILL = "backfill", "Backfill"
