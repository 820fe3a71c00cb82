"""Import a file here and now, for the command line: begun again after a kill, it goes on where it stood."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from compliance.access import Actor
from ingestion.enums import ImportState
from ingestion.imports.columns import Mapping, MappingError
from ingestion.imports.content import fingerprint
from ingestion.imports.holding import why_held
from ingestion.imports.jobs import discard_draft, draft_import, resume_import, start_import, unfinished_import
from ingestion.imports.opening import open_file
from ingestion.imports.proposal import propose_mapping
from ingestion.imports.reading import first_block
from ingestion.imports.running import Outcome, run_import
from ingestion.imports.uploads import keep_copy
from ingestion.models import FileImport, Source
from streaming.contracts.log import EventLog

TOLD_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said about the file; the rest is proposed."""

    mapping: Mapping | None = None
    event: str = ""
    event_type: str = ""
    elsewhere: bool = False

    def applied_to(self, proposed: Mapping) -> Mapping:
        """The mapping to use."""
        mapping = self.mapping or proposed
        if self.event:
            mapping = replace(mapping, event=self.event, event_type="track")
        return replace(mapping, event_type=self.event_type) if self.event_type else mapping


def read_mapping(path: Path) -> Mapping:
    """The mapping in a JSON file. Raises MappingError."""
    try:
        stored: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise MappingError(f"{path.name} cannot be read: {error}") from error
    return Mapping.from_json(stored)


def proposed_mapping(path: Path, wishes: Wishes) -> Mapping:
    """The mapping with which the file would be imported. Raises UnreadableFile."""
    opened = open_file(path)
    try:
        rows = first_block(opened.path, opened.format).rows
        return wishes.applied_to(propose_mapping(path.name, opened.format, rows))
    finally:
        if opened.is_ours:
            opened.path.unlink(missing_ok=True)


def prepare_import(
    *, path: Path, source: Source, wishes: Wishes, by: Actor, now: datetime, copied: bool = False
) -> FileImport:
    """Start an import of this file, or find the one that has not ended: that one keeps its mapping.

    With `copied` the import reads a copy among the uploads, so that a worker can run it.
    Raises UnreadableFile, MappingError, ImportConflict.
    """
    begun = unfinished_import(file_hash=fingerprint(path).sha256, source=source)
    if begun is not None:
        if begun.state == ImportState.PAUSED:
            resume_import(file_import=begun, by=by)
        return begun
    place = keep_copy(path) if copied else path
    drafted = draft_import(path=place, name=path.name, source=source, by=by, now=now, uploaded=copied)
    try:
        mapping = wishes.applied_to(Mapping.from_json(drafted.mapping))
        start_import(file_import=drafted, mapping=mapping, by=by, elsewhere=wishes.elsewhere, again=True)
    except ValueError:
        discard_draft(file_import=drafted, by=by)
        raise
    return drafted


def finish_import(
    file_import: FileImport,
    *,
    log: EventLog,
    clock: Callable[[], datetime],
    tell: Callable[[FileImport, str], None],
    wait: Callable[[float], object],
) -> FileImport:
    """Run the import to its end, waiting for the log, for consumers that have to catch up, or for whoever runs it now.

    `tell` is told now and then how far it is, and why it is held up, if it is.
    """
    while not file_import.has_ended and file_import.state != ImportState.PAUSED:
        outcome = run_import(file_import.pk, log=log, clock=clock, seconds=TOLD_EVERY_S)
        file_import.refresh_from_db()
        tell(file_import, why_held() if outcome is Outcome.HELD else "")
        if outcome in (Outcome.WAITING, Outcome.HELD, Outcome.BUSY) and not file_import.has_ended:
            wait(2.0)
    return file_import
