"""What sources send: names of events, properties and traits, with numbers, and with what people say of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ingestion.enums import KeyKind

MAX_OWNER = 100


class CatalogueEvent(models.Model):
    """One event: a track by its name, the other types by their type. `purposes` are used for what it records."""

    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    owner = models.CharField(max_length=MAX_OWNER, blank=True, default="", help_text="Who to ask about it")
    purposes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "type"]
        constraints = [models.UniqueConstraint(fields=["type", "name"], name="catalogue_event_unique")]

    def __str__(self) -> str:
        return self.name


class CatalogueVolume(models.Model):
    """How many of an event a source sent on a day (UTC)."""

    event = models.ForeignKey(
        CatalogueEvent, on_delete=models.CASCADE, related_name="volumes", db_index=False
    )
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    events = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "source", "day"], name="catalogue_volume_unique")
        ]
        indexes = [models.Index(fields=["day"], name="catalogue_volume_day")]

    def __str__(self) -> str:
        return f"{self.events} on {self.day}"


class CatalogueKey(models.Model):
    """One property or trait, in whatever events it stands.

    `category` is what people decided; without it the name decides (`compliance.classification`). `proposed` is what
    name and content suggest, with the reason. The name of what stands within another one is its path (`items[].sku`).
    """

    kind = models.CharField(max_length=8, choices=KeyKind)
    name = models.CharField(max_length=255)
    is_nested = models.BooleanField(
        default=False, db_default=False, help_text="It stands within another one: the name is its path"
    )
    description = models.TextField(blank=True, default="")
    owner = models.CharField(max_length=MAX_OWNER, blank=True, default="", help_text="Who to ask about it")
    category = models.CharField(max_length=16, blank=True, default="")
    purposes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    proposed = models.CharField(max_length=16, blank=True, default="")
    proposed_reason = models.CharField(max_length=200, blank=True, default="")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "kind"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="catalogue_key_unique")]

    def __str__(self) -> str:
        return self.name


class CatalogueUse(models.Model):
    """A property or trait in an event of a source.

    `events` is in how many it stood, of those seen since `first_seen_at`. `types` counts JSON types, `hints` what texts
    look like, both of a sample. `examples` are values with their counts while they are few, none of sensitive keys.
    """

    event = models.ForeignKey(CatalogueEvent, on_delete=models.CASCADE, related_name="uses", db_index=False)
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.ForeignKey(CatalogueKey, on_delete=models.CASCADE, related_name="uses")
    events = models.BigIntegerField()
    types = models.JSONField(default=dict)
    hints = models.JSONField(default=dict)
    examples = models.JSONField(default=dict)
    has_more = models.BooleanField(default=False, help_text="There are more values than the examples")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "source", "key"], name="catalogue_use_unique")
        ]
        indexes = [models.Index(fields=["source"], name="catalogue_use_source")]

    def __str__(self) -> str:
        return f"{self.key} in {self.event}"


class CatalogueFinding(models.Model):
    """A source sends more distinct names than people can have meant; `like` is the shape of one, without its digits."""

    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+", db_index=False)
    what = models.CharField(max_length=16, help_text="names of events, or keys")
    like = models.CharField(max_length=200)
    names = models.BigIntegerField(help_text="How often a name was left out")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "what"], name="catalogue_finding_unique")]

    def __str__(self) -> str:
        return f"{self.names} {self.what} like {self.like}"
