"""Imports that were undone, and the jobs that undo them."""

from django.db import models

from profiles.enums import UndoPhase, UndoState


class Undo(models.Model):
    """An import that is undone: while this row is there, no event of it is taken by anybody.

    `cursor` says how far the phase is. Who works on it holds the row locked.
    """

    import_id = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField(help_text="its events were received then or later")
    until = models.DateTimeField(help_text="and before this")
    by = models.CharField(max_length=150)
    begun_at = models.DateTimeField()
    state = models.CharField(
        max_length=8,
        choices=[(state.value, state.value) for state in UndoState],
        default=UndoState.RUNNING.value,
    )
    phase = models.CharField(
        max_length=8,
        choices=[(phase.value, phase.value) for phase in UndoPhase],
        default=UndoPhase.PLAN.value,
    )
    cursor = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    events = models.BigIntegerField(default=0, help_text="taken away")
    people = models.BigIntegerField(default=0, help_text="who came with it alone, and are gone")
    links = models.BigIntegerField(default=0, help_text="withdrawn")
    ended_at = models.DateTimeField(null=True)
    failed = models.TextField(default="", help_text="why the last attempt ended")

    class Meta:
        indexes = [
            models.Index(
                "import_id", name="profiles_undo_running", condition=models.Q(state=UndoState.RUNNING.value)
            )
        ]

    def __str__(self) -> str:
        return f"undoing import {self.import_id}: {self.state}"


class UndoItem(models.Model):
    """What an undoing has to look at: anchors that have facts of the import, and identifiers that it named."""

    pk = models.CompositePrimaryKey("import_id", "is_anchor", "item")
    import_id = models.BigIntegerField()
    is_anchor = models.BooleanField()
    item = models.BigIntegerField()

    class Meta:
        db_table = "profiles_undo_item"

    def __str__(self) -> str:
        return f"{'anchor' if self.is_anchor else 'identifier'} {self.item} of import {self.import_id}"
