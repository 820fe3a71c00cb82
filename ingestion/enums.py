"""Choices of ingestion."""

from django.db.models import TextChoices


class Result(TextChoices):
    """What became of an item that reached the collector."""

    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    SUPPRESSED = "suppressed", "Suppressed"
    SPOOLED = "spooled", "Accepted, waiting in the spool"
