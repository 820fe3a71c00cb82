"""Real purchases, imported as a file: those of the music shop CDNOW in 1997 and 1998 (data/NOTICE)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from compliance.access import Actor
from ingestion.domain.sources import source_named
from ingestion.imports.columns import Column, Mapping, ValueKind
from ingestion.imports.content import fingerprint
from ingestion.imports.ledger import known_imports
from ingestion.imports.sending import Wishes, finish_import, prepare_import
from ingestion.models import FileImport
from streaming.event_log import event_log

FILE = Path(__file__).parent / "data" / "CDNOW_master.txt.gz"
SOURCE = "CDNOW purchases"
MAPPING = Mapping(
    event_type="track",
    event="Order Completed",
    columns=(
        Column("customer_id", "user_id", prefix="cdnow-"),
        Column("date", "timestamp", ValueKind.TIME),
        Column("number_of_cds", "properties.quantity", ValueKind.NUMBER),
        Column("dollar_value", "properties.revenue", ValueKind.NUMBER),
    ),
    constants={"properties.currency": "USD"},
)


def import_cdnow(*, clock: Callable[[], datetime], wait: Callable[[float], object]) -> FileImport | None:
    """Import the purchases, or what is missing of them; None when all of them are in."""
    if any(known.complete for known in known_imports(fingerprint(FILE).sha256)):
        return None
    by = Actor.system("demo")
    source = source_named(name=SOURCE, by=by, now=clock())
    prepared = prepare_import(path=FILE, source=source, wishes=Wishes(mapping=MAPPING), by=by, now=clock())
    return finish_import(prepared, log=event_log(), clock=clock, tell=lambda *_: None, wait=wait)
