"""What people said of purposes, per anchor."""

from django.db import models

from profiles.models.identity import Anchor


class Consent(models.Model):
    """The newest statement of one source or import on one purpose, by (timestamp, message).

    Of each anchor and purpose the newest holds. A person refuses a purpose when any of their anchors does, grants it
    when one does and none refuses, and has else said nothing: so that merging never grants, and splitting undoes it.
    """

    pk = models.CompositePrimaryKey("anchor_id", "purpose", "source_id", "import_id")
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="consents"
    )
    purpose = models.TextField(db_collation="C")
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    granted = models.BooleanField()
    timestamp = models.DateTimeField()
    message_id = models.TextField(db_collation="C")

    class Meta:
        db_table = "profiles_consent"

    def __str__(self) -> str:
        return f"{'grants' if self.granted else 'refuses'} {self.purpose}"
