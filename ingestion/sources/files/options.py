"""What a person says of a stream of files."""

from dataclasses import dataclass

from ingestion.sources.contract import FormField, Settings, SourceRefused
from ingestion.sources.files.patterns import Pattern

WHOLE, GROWING = "whole", "growing"
LEAVE, MOVE = "leave", "move"
FOUND_OUT, HEADER, NO_HEADER = "auto", "yes", "no"
MOST_SETTLING_S = 86_400

FIELDS: tuple[FormField, ...] = (
    FormField(
        "pattern", "Files", placeholder="orders/*.csv",
        help="below the place; * stands for any part of a name, ** for any folders. Hidden and unfinished ones (.tmp, .part) are left out",
    ),
    FormField(
        "growth", "How they come", default=WHOLE,
        choices=((WHOLE, "Complete files"), (GROWING, "Growing logs")),
        help="logs of JSON Lines that grow at their end are read on from where they ended",
    ),
    FormField(
        "settle", "Complete after, in seconds", default="10", shown_if=("growth", (WHOLE,)),
        help="without a change: a younger file may still be uploaded, and waits for the next run",
    ),
    FormField(
        "header", "First row", default=FOUND_OUT, shown_if=("growth", (WHOLE,)),
        choices=((FOUND_OUT, "Find out"), (HEADER, "Names the columns"), (NO_HEADER, "Is data")),
        help="of CSV and spreadsheets: whether it names the columns",
    ),
    FormField(
        "after", "Read files", default=LEAVE, shown_if=("growth", (WHOLE,)),
        choices=((LEAVE, "Stay"), (MOVE, "Are moved")),
        help="into “done” beside the file, bad ones into “failed”; moving needs permission to write there",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """What was said. `has_header` is None when it is to be found out."""

    pattern: Pattern
    grows: bool
    settle_s: int
    has_header: bool | None
    moves: bool


def options_of(settings: Settings) -> Options:
    """Raises SourceRefused."""
    settle = settings.get("settle") or "0"
    if not settle.isdecimal() or int(settle) > MOST_SETTLING_S:
        raise SourceRefused(f"“Complete after” is a whole number of seconds, at most {MOST_SETTLING_S:,}.")
    header = settings.get("header") or FOUND_OUT
    return Options(
        Pattern(settings.get("pattern", "")),
        settings.get("growth") == GROWING,
        int(settle),
        None if header == FOUND_OUT else header == HEADER,
        settings.get("after") == MOVE,
    )
