"""Clusters: people who have to be decided together."""

from django.db import models


class Cluster(models.Model):
    """People kept apart by a refused link: what has to be decided together, and its lock.

    Profiles without a refused link belong to no cluster. `decisions` counts the staff's decisions among its
    `edges`; `last_…` is where its last link stands in the order of deciding (profiles.identity.partition.Order):
    what sorts after it can be decided alone. While `due_at` is set, the cluster waits for the background job, which
    has done `done` of `total` and holds it until `lease_until`.
    """

    id = models.BigAutoField(primary_key=True)
    edges = models.IntegerField()
    decisions = models.IntegerField(default=0, db_default=0)
    last_rank = models.SmallIntegerField(null=True)
    last_priority = models.SmallIntegerField(null=True)
    last_time = models.DateTimeField(null=True)
    last_source = models.IntegerField(null=True)
    last_message = models.TextField(null=True, db_collation="C")
    due_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, default="", db_default="")
    done = models.IntegerField(default=0, db_default=0)
    total = models.IntegerField(default=0, db_default=0)
    lease_owner = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    failed = models.TextField(default="", db_default="", help_text="why the last attempt ended")

    class Meta:
        indexes = [
            models.Index("due_at", name="profiles_cluster_due", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"cluster {self.id} of {self.edges} links"
