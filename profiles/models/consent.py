"""What people said of purposes, per anchor."""

from django.db import models

from profiles.enums import DeclarationKind, DeclarationOrigin
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


class ConsentDay(models.Model):
    """That a source or import said this of a purpose on a day (UTC), from when to when: the history, in any order of arrival.

    An SDK says with each event what holds, so that a row for each time would be one for each event. `message_id` and
    `received_at` are of the first time, and so is `proof`, such as the TC string as it came; `text_version` is of the text
    that was shown, where the source tells it.
    """

    pk = models.CompositePrimaryKey(
        "anchor_id", "purpose", "day", "granted", "source_id", "import_id", "text_version"
    )
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    purpose = models.TextField(db_collation="C")
    day = models.DateField()
    granted = models.BooleanField()
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    text_version = models.CharField(max_length=40, default="", db_default="")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    received_at = models.DateTimeField()
    message_id = models.TextField(db_collation="C")
    proof = models.TextField(default="", db_default="")

    class Meta:
        db_table = "profiles_consent_day"

    def __str__(self) -> str:
        return f"{'grants' if self.granted else 'refuses'} {self.purpose} on {self.day}"


class Declaration(models.Model):
    """What a person declared to us otherwise than by an event: through the API, or to a member of staff. Only added.

    One `act` has a row for each anchor that the person had then, so that it stays with what it was said of, whoever has
    that later. What holds of an anchor, kind and purpose is the newest row; of a person an objection or a restriction
    holds as long as it does for any of their anchors. A consent stands in `profiles_consent` too, with source 0. An empty
    `purpose` is an objection to everything that can be objected to, or a restriction.
    """

    id = models.BigAutoField(primary_key=True)
    act = models.UUIDField()
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=12, choices=[(each.value, each.value) for each in DeclarationKind])
    purpose = models.CharField(max_length=40, default="")
    holds = models.BooleanField(help_text="false: it is refused, withdrawn or lifted")
    origin = models.CharField(max_length=8, choices=[(each.value, each.value) for each in DeclarationOrigin])
    by = models.CharField(max_length=150)
    text_version = models.CharField(max_length=40, default="")
    reason = models.CharField(max_length=200, default="")
    proof = models.TextField(default="")
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=("anchor", "kind", "purpose", "-id"), name="profiles_declaration_anchor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.act}"
