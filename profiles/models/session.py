"""Visits, which the `sessions` consumer makes of events. They are facts of anchors, and move with them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from profiles.models.identity import Anchor


class Session(models.Model):
    """A visit: events of one anchor and source that belong together (see docs/guides/visits.md).

    `first_mark` and `last_mark` say whether it began and ended with a mark (profiles.sessions.points.Mark); `key`
    is the id that an SDK gave it. `due_at` is when to look whether it has ended, empty once it has; the moment
    itself is `last_at` and the time-out of its source.
    """

    pk = models.CompositePrimaryKey("anchor_id", "id")
    anchor = models.ForeignKey(
        Anchor, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="sessions"
    )
    id = models.UUIDField()
    source_id = models.IntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    first_mark = models.SmallIntegerField()
    last_mark = models.SmallIntegerField()
    events = models.IntegerField()
    pages = models.IntegerField()
    entry_at = models.DateTimeField(null=True)
    entry_page = models.TextField(null=True)
    exit_at = models.DateTimeField(null=True)
    exit_page = models.TextField(null=True)
    purposes = ArrayField(
        models.TextField(), null=True, help_text="what its events said of purposes, each kind once"
    )
    key = models.TextField(null=True, db_collation="C")
    due_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profiles_session"
        indexes = [
            models.Index(fields=["anchor", "first_at"], name="profiles_session_time"),
            models.Index(
                fields=["due_at"], name="profiles_session_due", condition=models.Q(due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.id}"


class SessionLock(models.Model):
    """An anchor with visits: whoever changes them locks this row first, and so is alone with all of them."""

    anchor = models.OneToOneField(
        Anchor, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )

    class Meta:
        db_table = "profiles_session_lock"

    def __str__(self) -> str:
        return f"visits of anchor {self.anchor_id}"


class SessionClock(models.Model):
    """Up to which moment visits may be ended (`upto`), and what is waited for before that moves on."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    upto = models.DateTimeField(null=True)
    waiting = models.JSONField(null=True, help_text="see streaming.domain.following")

    class Meta:
        db_table = "profiles_session_clock"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="profiles_one_session_clock")]

    def __str__(self) -> str:
        return f"visits are ended up to {self.upto}"
