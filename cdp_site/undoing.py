"""Undoing imports, as profiles does it, in the words of imports."""

from datetime import datetime

from compliance.access import Actor
from ingestion.imports.undone import Undone
from profiles.domain.queries.undoings import undoing_named
from profiles.undoing.running import begin_undo, continue_undo, stop_undo


class UndoingInProfiles:
    """See `ingestion.imports.undone.Undoing`."""

    def begin(self, actor: Actor, import_id: int, since: datetime, until: datetime, now: datetime) -> None:
        """Have it begin."""
        begin_undo(actor, import_id, since=since, until=until, now=now)

    def stop(self, actor: Actor, import_id: int) -> None:
        """Stop it."""
        stop_undo(actor, import_id)

    def resume(self, actor: Actor, import_id: int) -> None:
        """Let it go on."""
        continue_undo(actor, import_id)

    def progress(self, import_id: int) -> Undone | None:
        """How far it is."""
        found = undoing_named(import_id)
        if found is None:
            return None
        return Undone(
            found.state, found.phase, found.done / found.total if found.total else 0.0, found.events, found.people,
            found.links, found.by, found.begun_at, found.ended_at, found.failed,
        )  # fmt: skip
