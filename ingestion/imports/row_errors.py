"""The rows that were not taken: kept with their reasons, and given back as a file."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.db import connection

from ingestion.imports.rows import BadRow
from ingestion.models import FileImport

MAX_KEPT = 100_000
MAX_REASON = 300
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


_ADD = """
    INSERT INTO ingestion_rowerror (file_import_id, row, line, reason, raw)
    SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
    ON CONFLICT DO NOTHING
"""


def add_row_errors(file_import: FileImport, bad: Sequence[BadRow]) -> None:
    """Keep these, up to a number per import. `file_import.rejected` says how many were kept before."""
    kept = bad[: max(0, MAX_KEPT - file_import.rejected)]
    if not kept:
        return
    reasons = [row.reason[:MAX_REASON] for row in kept]
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                file_import.pk,
                [row.number for row in kept],
                [row.line for row in kept],
                reasons,
                [row.raw for row in kept],
            ],
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
