"""Why people became one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Merge(models.Model):
    """`source` became part of `target`; both are ids that were given to people, and may since have moved on.

    `evidence` is the chain of links (ids of Evidence) that led from the one to the other when it happened, the
    target's end first. What an event's link shows is in the evidence: its ends, its rule, its earliest event.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.UUIDField(db_index=True)
    target = models.UUIDField(db_index=True)
    evidence = ArrayField(models.BigIntegerField(), default=list)
    merged_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source} into {self.target}"
