"""What is not yet known of the sources of anchors (`Anchor.sources`)."""

from django.db import models
from django.db.models.functions import Now


class SourceGap(models.Model):
    """Events were stored by somebody who does not keep the sources of anchors, such as a process of the release before.

    While there is such a row, who is known to a source is found out by the events. A trigger writes it, with the events. The
    one with a `cursor` stands for those that are made good now: anchors up to that one are complete.
    """

    id = models.BigAutoField(primary_key=True)
    noted_at = models.DateTimeField(db_default=Now())
    cursor = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"gap {self.pk} of {self.noted_at}"


class SourceDoubt(models.Model):
    """An anchor that lost a source while batches were under way: one of them may have brought an event of it."""

    id = models.BigAutoField(primary_key=True)
    anchor_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"doubt of anchor {self.anchor_id}"
