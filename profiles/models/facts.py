"""Facts, all of them per anchor: events, trait versions, daily counters."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models.identity import Anchor


class EventName(models.Model):
    """The interned name of an event: its type, and for a track its name (else the type again)."""

    id = models.AutoField(primary_key=True)
    type = models.CharField(max_length=12)
    name = models.TextField(db_collation="C")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("type", "name"), name="profiles_eventname_once")]

    def __str__(self) -> str:
        return self.name


class TimelineEvent(models.Model):
    """An event that was applied. Partitioned by month of `timestamp`; read it by anchors and a span of time.

    (source_id, message_id, client_time) is the identity of the message; `evidence` names the links it showed.
    """

    id = models.BigAutoField(primary_key=True)
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="timeline"
    )
    event = models.ForeignKey(EventName, models.DO_NOTHING, db_constraint=False, db_index=False)
    timestamp = models.DateTimeField()
    received_at = models.DateTimeField()
    client_time = models.DateTimeField(null=True)
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    message_id = models.TextField(db_collation="C")
    properties = models.JSONField()
    context = models.JSONField()
    traits = models.JSONField(null=True)
    purposes = ArrayField(
        models.TextField(), null=True, help_text="what it said of purposes (see compliance.consent)"
    )
    evidence = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        db_table = "profiles_timeline"

    def __str__(self) -> str:
        return f"event {self.message_id} of source {self.source_id}"


class DailyCounter(models.Model):
    """How often an anchor had an event on a UTC day."""

    pk = models.CompositePrimaryKey("anchor_id", "day", "event_id")
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="counters"
    )
    day = models.DateField()
    event = models.ForeignKey(EventName, models.DO_NOTHING, db_constraint=False, db_index=False)
    count = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "profiles_daily_counter"

    def __str__(self) -> str:
        return f"{self.count} on {self.day}"


class TraitVersion(models.Model):
    """The newest value of a trait that an anchor has from one source or import; a null value is a deletion."""

    pk = models.CompositePrimaryKey("anchor_id", "key", "source_id", "import_id")
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="trait_versions"
    )
    key = models.TextField(db_collation="C")
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    value = models.JSONField(null=True)
    timestamp = models.DateTimeField()
    message_id = models.TextField(db_collation="C")
    purposes = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "profiles_trait_version"

    def __str__(self) -> str:
        return f"trait {self.key} of anchor {self.anchor_id}"


class SuppressedMessage(models.Model):
    """A message that is remembered as applied and was not stored, because of whom it names.

    The key is that of `message_seen`. Suppressions may be lifted: this tells what had become of the message.
    """

    pk = models.CompositePrimaryKey("client_time", "source_id", "hash")
    client_time = models.BigIntegerField()
    source_id = models.IntegerField()
    hash = models.UUIDField()
    noted_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "profiles_suppressed_message"

    def __str__(self) -> str:
        return f"a message of source {self.source_id} that was suppressed"


class BuilderMinute(models.Model):
    """What one builder did in a minute. `latency` counts live events by time from received to visible, not imports.

    Its buckets are those of `profiles.builder.statistics.LATENCY_BOUNDS`.
    """

    pk = models.CompositePrimaryKey("minute", "worker")
    minute = models.DateTimeField()
    worker = models.IntegerField(help_text="the process id of the builder's database session")
    applied = models.BigIntegerField()
    duplicates = models.BigIntegerField()
    suppressed = models.BigIntegerField()
    rejected = models.BigIntegerField()
    latency = ArrayField(models.BigIntegerField())
    merges = models.BigIntegerField(default=0, db_default=0)
    splits = models.BigIntegerField(default=0, db_default=0)
    refused = models.BigIntegerField(default=0, db_default=0, help_text="links that a rule forbade")
    content = models.BigIntegerField(default=0, db_default=0, help_text="identifiers found in texts")

    class Meta:
        db_table = "profiles_builder_minute"

    def __str__(self) -> str:
        return f"{self.applied} applied in {self.minute:%H:%M}"
