"""Why people became one, and why they were taken apart again."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.enums import CauseKind

_CAUSES = [(kind.value, kind.value) for kind in CauseKind]


class Merge(models.Model):
    """`source` became part of `target`; both are ids that were given to people, and may since have moved on.

    `evidence` is the chain of links (ids of Evidence) that led from the one to the other when it happened, the
    target's end first. What an event's link shows is in the evidence: its ends, its rule, its earliest event.
    `change` is the RuleChange behind a merge by rule, `decided_by` the member of staff behind a decision.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.UUIDField(db_index=True)
    target = models.UUIDField(db_index=True)
    evidence = ArrayField(models.BigIntegerField(), default=list)
    merged_at = models.DateTimeField()
    cause = models.CharField(
        max_length=12, choices=_CAUSES, default=CauseKind.EVENT.value, db_default=CauseKind.EVENT.value
    )
    change_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=150, default="", db_default="")

    def __str__(self) -> str:
        return f"{self.source} into {self.target}"


class Split(models.Model):
    """Anchors of `source` went to `target` (to nobody, when empty); one row for each of those who took some.

    `evidence` names links that held the two together and no longer do, at most 50.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.UUIDField(db_index=True)
    target = models.UUIDField(null=True, db_index=True)
    anchors = models.IntegerField(help_text="how many went")
    evidence = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    split_at = models.DateTimeField()
    cause = models.CharField(
        max_length=12, choices=_CAUSES, default=CauseKind.EVENT.value, db_default=CauseKind.EVENT.value
    )
    change_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=150, default="", db_default="")
    why = models.TextField(default="", db_default="")

    def __str__(self) -> str:
        return f"{self.target} out of {self.source}"
