"""Profiles: people, as sets of anchors."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from profiles.enums import Lifecycle


class Profile(models.Model):
    """One live person: a set of anchors and of identifiers, and what follows from them.

    The row is a cache that can be rebuilt from evidence and facts. Its anchors only ever grow; when some must
    leave, the row is deleted and new ones take over in the same transaction. `public_id` is the birth id of one
    of its anchors, and the id that the world sees. Activity (last seen, number of events) is kept per anchor
    and day, so that an event need not write here: read it from `ProfileActivity`.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True)
    traits = models.JSONField(default=dict)
    provenance = models.JSONField(
        default=dict, help_text="per key, deleted ones too: {at, source, message, purposes}"
    )
    lifecycle = models.CharField(max_length=16, choices=[(state.value, state.value) for state in Lifecycle])
    first_seen = models.DateTimeField()
    last_purchase = models.DateTimeField(null=True)
    cluster = models.ForeignKey(
        "profiles.Cluster", models.DO_NOTHING, null=True, db_constraint=False, db_index=False
    )
    incarnation = models.IntegerField()
    version = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(
                "cluster", name="profiles_profile_cluster", condition=models.Q(cluster__isnull=False)
            ),
            models.Index(
                "last_purchase", name="profiles_profile_customer", condition=models.Q(lifecycle="customer")
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    def origin(self, key: str) -> dict[str, Any] | None:
        """Where the value of this trait came from: at, source, message, purposes."""
        origin: dict[str, Any] | None = self.provenance.get(key)
        return origin


class ProfileName(models.Model):
    """The names of a person in one lower-case line, for search by parts of a name (`name__contains`)."""

    profile = models.OneToOneField(Profile, models.DO_NOTHING, primary_key=True, db_constraint=False)
    name = models.TextField()

    class Meta:
        indexes = [GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="profiles_name_trigrams")]

    def __str__(self) -> str:
        return self.name


class ProfileActivity(models.Model):
    """When people were last seen and how many events they have; a view over the daily counters.

    Ask for few profiles at a time (`profile_id__in`): it adds up the counters of their anchors.
    """

    profile = models.OneToOneField(
        Profile, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="activity"
    )
    last_seen = models.DateTimeField()
    events = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "profiles_activity"

    def __str__(self) -> str:
        return f"{self.events} events until {self.last_seen}"
