"""What the rows of a file would do to people. Port: people belong to another app; until it is connected, nobody knows."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from compliance import suppression
from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from ingestion.domain.event_names import load_event_topics
from ingestion.domain.events import Envelope
from ingestion.domain.plans.loading import load_rules
from ingestion.enums import Result
from ingestion.imports.columns import Mapping
from ingestion.imports.formats import FileFormat
from ingestion.imports.ledger import known_ledger
from ingestion.imports.reading import read_blocks
from ingestion.imports.rows import Block, Position
from ingestion.imports.taking import Circumstances, Taken, take
from ingestion.imports.translation import translation_of
from ingestion.models import FileImport
from streaming.contracts.records import NewRecord

MOST_ROWS = 5000


class Overwriting(NamedTuple):
    """A trait of a known person that would get another value."""

    person: UUID
    name: str
    key: str
    before: Any
    after: Any


@dataclass(slots=True)
class People:
    """Whom events would create, meet, merge and change; `overwritten` counts people by trait. Examples are few."""

    created: int = 0
    known: int = 0
    merged: int = 0
    refused: int = 0
    nobody: int = 0
    changed: int = 0
    overwritten: Counter[str] = field(default_factory=Counter)
    overwritings: list[Overwriting] = field(default_factory=list)
    mergings: list[tuple[UUID, UUID]] = field(default_factory=list)

    @property
    def most_overwritten(self) -> list[tuple[str, int]]:
        """How many people would get another value of each trait, the most first; templates cannot ask a Counter."""
        return self.overwritten.most_common()


class RehearsalBusy(Exception):
    """It could not be found out now; the message says what to do."""


Rehearse = Callable[[Actor, Sequence[NewRecord], datetime], People]
_rehearse: list[Rehearse] = []


def register_rehearsal(rehearse: Rehearse) -> None:
    """Have `rehearse` say what events would do to people; it keeps nothing. It may raise RehearsalBusy."""
    _rehearse[:] = [rehearse]


@dataclass(slots=True)
class Rehearsal:
    """What the first rows come to, and what that does to people; `is_whole` says that these are all rows."""

    rows: int
    is_whole: bool
    accepted: int
    rejected: int
    repeated: int
    quarantined: int
    suppressed: list[int]
    people: People | None


def rehearse_import(actor: Actor, *, file_import: FileImport, mapping: Mapping, now: datetime) -> Rehearsal:
    """Try the first MOST_ROWS rows against the people there are now; nothing of it is kept.

    Raises MappingError, UnreadableFile, RehearsalBusy, AccessDenied.
    """
    require(actor, Operation.IMPORTS_RUN)
    file_format = FileFormat.from_json(file_import.format)
    mapping.check(file_format)
    block, is_whole = _first_rows(file_import, file_format)
    taken = take(block, Position(), _circumstances(file_import, mapping, file_format, now))
    quarantined = sum(count for (_, _, result), count in taken.counts.items() if result == Result.QUARANTINED)
    people = _rehearse[0](actor, _of_people(taken), now) if _rehearse else None
    record_read(
        actor, action="import.rehearse", target=f"import:{file_import.pk}",
        detail={"rows": len(block.rows) + len(block.bad)},
    )  # fmt: skip
    return Rehearsal(
        rows=len(block.rows) + len(block.bad), is_whole=is_whole, accepted=len(taken.records) - quarantined,
        rejected=len(taken.bad), repeated=taken.repeated, quarantined=quarantined, suppressed=taken.suppressed,
        people=people,
    )  # fmt: skip


def _of_people(taken: Taken) -> list[NewRecord]:
    """The events that people would come to know of."""
    return [record for record in taken.records if record.topic.startswith("events.")]


def _first_rows(file_import: FileImport, file_format: FileFormat) -> tuple[Block, bool]:
    whole = Block(Position())
    for block in read_blocks(Path(file_import.path), file_format, Position()):
        room = MOST_ROWS - len(whole.rows) - len(whole.bad)
        if len(block.rows) + len(block.bad) > room:
            whole.rows.extend(block.rows[: max(0, room)])
            return whole, False
        whole.rows.extend(block.rows)
        whole.bad.extend(block.bad)
    return whole, True


def _circumstances(
    file_import: FileImport, mapping: Mapping, file_format: FileFormat, now: datetime
) -> Circumstances:
    envelope = Envelope(
        source_id=file_import.source_id, received_at=now, import_id=file_import.pk,
        rules=load_rules().get(file_import.source_id),
    )  # fmt: skip
    return Circumstances(
        translation_of(mapping, file_format, file_import.file_hash), envelope, load_event_topics(),
        suppression.snapshot(), known_ledger(file_import),
    )  # fmt: skip
