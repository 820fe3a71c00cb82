"""Groups, households and shared values: what people belong to. Who does is derived from evidence, never stored."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models.identity import Identifier


class Household(models.Model):
    """What a group, a household or a shared value is in itself: its id for the world, and its own traits."""

    identifier = models.OneToOneField(
        Identifier, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="household"
    )
    public_id = models.UUIDField(unique=True)
    traits = models.JSONField(default=dict, db_default={})
    provenance = models.JSONField(default=dict, db_default={}, help_text="as of a profile")
    version = models.BigIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return str(self.public_id)


class GroupTraitVersion(models.Model):
    """The newest value of a trait that a group has from one source or import; a null value is a deletion."""

    pk = models.CompositePrimaryKey("identifier_id", "key", "source_id", "import_id")
    identifier = models.ForeignKey(
        Identifier, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    key = models.TextField(db_collation="C")
    source_id = models.IntegerField()
    import_id = models.BigIntegerField(default=0)
    value = models.JSONField(null=True)
    timestamp = models.DateTimeField()
    message_id = models.TextField(db_collation="C")
    purposes = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "profiles_group_trait_version"

    def __str__(self) -> str:
        return f"trait {self.key} of group {self.identifier_id}"
