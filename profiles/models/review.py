"""What reviewers said of links that were refused or proposed."""

from django.db import models

from profiles.enums import ReviewDecision
from profiles.models.identity import Evidence


class Review(models.Model):
    """The decision on one piece of evidence; what has none, or LATER and `until` is past, is open.

    `decision_id` is the evidence, a MERGE or a KEEP_APART, that the decision made; empty for LATER.
    """

    evidence = models.OneToOneField(
        Evidence, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="review"
    )
    decision = models.CharField(
        max_length=8, choices=[(decision.value, decision.value) for decision in ReviewDecision]
    )
    decision_id = models.BigIntegerField(null=True)
    until = models.DateTimeField(null=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_index=True)
    note = models.CharField(max_length=500, default="", blank=True)

    def __str__(self) -> str:
        return f"review of evidence {self.evidence_id}: {self.decision}"
