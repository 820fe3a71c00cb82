"""The names of events that were seen, and the topic of each."""

from django.db import models
from django.db.models import Q


class EventName(models.Model):
    """One event type: a track's name, or `identify`, `page` … for the others.

    `topic` is null until the controller has created the topic; until then its events go to `events.other`.
    """

    type = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    topic = models.CharField(max_length=120, null=True, blank=True)
    source = models.ForeignKey(
        "ingestion.Source",
        on_delete=models.PROTECT,
        related_name="event_names",
        help_text="The source that sent it first",
    )
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "type"]
        constraints = [
            models.UniqueConstraint(fields=["type", "name"], name="event_name_unique"),
            models.UniqueConstraint(
                fields=["topic"], condition=Q(topic__isnull=False), name="event_name_topic"
            ),
        ]

    def __str__(self) -> str:
        return self.name
