"""The rows that were not taken: kept with their reasons, and given back as a file."""

import csv
import io
from collections.abc import Iterator, Sequence

from ingestion.imports.rows import BadRow
from ingestion.models import FileImport, RowError

MAX_KEPT = 100_000
MAX_REASON = 300
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def add_row_errors(file_import: FileImport, bad: Sequence[BadRow]) -> None:
    """Keep these, up to a number per import. `file_import.rejected` says how many were kept before."""
    RowError.objects.bulk_create(
        [
            RowError(
                file_import=file_import,
                row=row.number,
                line=row.line,
                reason=row.reason[:MAX_REASON],
                raw=row.raw,
            )
            for row in bad[: max(0, MAX_KEPT - file_import.rejected)]
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )


def errors_as_csv(file_import: FileImport) -> Iterator[str]:
    """The rows that were not taken as lines of a CSV file, safe to open in a spreadsheet."""
    yield _line("row", "line", "reason", "beginning of the row")
    for error in file_import.row_errors.order_by("row").iterator(chunk_size=2000):
        yield _line(str(error.row), str(error.line), error.reason, _without_formula(error.raw))


def _line(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _without_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
