"""What one run of a fault test leaves for the report."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DIRECTORY = "HEADWATER_FAULT_RECORDS"  # set by `python -m tests.faults`


@dataclass(frozen=True)
class Sample:
    """One look during a run, `at` seconds after its begin. `applied` is None while the database did not say."""

    at: float
    acknowledged: int
    applied: int | None


@dataclass(frozen=True)
class Interval:
    """When a fault was there, in seconds after the run's begin."""

    name: str
    begin: float
    end: float


@dataclass(frozen=True)
class Record:
    """One run. Times in seconds; `gap` is the longest between two acknowledgements, `recovery` from the end of
    the fault until all was applied that had been acknowledged by then."""

    row: int
    name: str
    place: str
    held: bool
    acknowledged: int = 0
    stored: int = 0
    refused: int = 0
    letters: int = 0
    suppressed: int = 0
    lost: int = 0
    doubled: int = 0
    profiles_equal: bool | None = None
    gap: float = 0.0
    recovery: float | None = None
    note: str = ""
    seconds: float = 0.0
    samples: tuple[Sample, ...] = ()
    intervals: tuple[Interval, ...] = ()

    def write(self) -> None:
        """Leave it where the suite collects records; elsewhere nobody needs it."""
        if directory := os.environ.get(DIRECTORY):
            name = "".join(each if each.isalnum() else "-" for each in f"{self.row}-{self.place}-{self.name}")
            (Path(directory) / f"{name}.json").write_text(json.dumps(asdict(self)))


def read_records(directory: Path) -> list[Record]:
    """All that were left, by row, place and name."""
    records = [_read(json.loads(path.read_text())) for path in directory.glob("*.json")]
    return sorted(records, key=lambda record: (record.row, record.place, record.name))


def _read(document: dict[str, Any]) -> Record:
    samples = tuple(Sample(**each) for each in document.pop("samples"))
    intervals = tuple(Interval(**each) for each in document.pop("intervals"))
    return Record(**document, samples=samples, intervals=intervals)
