"""For migrations: indexes on tables that may be big, made while others go on writing to them (docs/adr/0099)."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

_UNBOUNDED = "SET statement_timeout = 0; SET lock_timeout = 0"
_AS_BEFORE = "RESET statement_timeout; RESET lock_timeout"


class AddIndex(AddIndexConcurrently):
    """Interrupted, it leaves an index that is invalid; then it is begun again."""

    def database_forwards(self, app_label: Any, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop what an interrupted migration left, and make the index."""
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)


def for_as_long_as_it_takes(*operations: Operation) -> list[Operation]:
    """These operations without the limits of time of the session, in both directions. The migration is not atomic."""
    return [RunSQL(_UNBOUNDED, _AS_BEFORE), *operations, RunSQL(_AS_BEFORE, _UNBOUNDED)]
