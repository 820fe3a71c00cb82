"""What was declared of topics beyond the defaults of their kinds."""

from django.db import models

from streaming.contracts.records import Cleanup


class TopicSetting(models.Model):
    """One topic, declared whole; without a row the default of its kind holds.

    `replication` and `min_insync` are None where the cluster's own default is left to hold. Who declared it stands in
    the audit trail.
    """

    topic = models.TextField(primary_key=True)
    partitions = models.PositiveIntegerField()
    retention_seconds = models.BigIntegerField(null=True, blank=True)
    retention_bytes = models.BigIntegerField(null=True, blank=True, help_text="Of each partition.")
    cleanup = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Cleanup])
    replication = models.PositiveSmallIntegerField(null=True, blank=True)
    min_insync = models.PositiveSmallIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "topic_setting"

    def __str__(self) -> str:
        return self.topic
