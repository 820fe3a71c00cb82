"""Connections to other systems, and the streams that are read of them."""

from django.db import models


class Connection(models.Model):
    """A login to another system. Its secrets are encrypted with a key that is not in the database.

    After a failure nothing is asked of it before `retry_at`, which is further away with each failure in a row.
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=50, help_text="The kind of source, see ingestion.sources.registry")
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="connections")
    settings = models.JSONField(default=dict, help_text="What the form of the kind asks for, but the secrets")
    secrets = models.TextField(blank=True, help_text="Encrypted (compliance.secrets)")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    failures = models.PositiveIntegerField(default=0, help_text="In a row")
    trouble = models.TextField(blank=True, help_text="What the last failure was, and what would help")
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Stream(models.Model):
    """A table or the like that is read through a connection, and what its rows become.

    `state` says how far its rows are durable in the log; it is written with the run's progress, and only its kind
    understands it. `is_whole` says that the last run came to the end of what there was.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="streams")
    name = models.CharField(max_length=200, help_text="As the source calls it")
    settings = models.JSONField(
        default=dict, db_default={}, help_text="What the kind asks of each stream; never a secret"
    )
    mode = models.CharField(max_length=16)
    columns = models.JSONField(help_text="The chosen columns as they were when they were chosen")
    left_out = models.JSONField(default=list, help_text="The names of the columns that were not chosen")
    key = models.JSONField(help_text="Names of the columns that tell rows apart")
    cursor = models.CharField(max_length=200, blank=True)
    look_back = models.PositiveIntegerField(default=0)
    starts_at = models.CharField(max_length=100, blank=True, help_text="Where the first run begins")
    mapping = models.JSONField()

    state = models.JSONField(null=True, blank=True)
    is_whole = models.BooleanField(default=False)
    drift = models.JSONField(default=list, help_text="How the source's columns differ from those chosen")

    every_seconds = models.PositiveIntegerField(null=True, blank=True)
    crontab = models.CharField(max_length=100, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["connection", "name"], name="stream_unique")]

    def __str__(self) -> str:
        return f"{self.name} of {self.connection.name}"
