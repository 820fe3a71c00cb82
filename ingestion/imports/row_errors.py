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
    INSERT INTO {table} ({job}, row, line, reason, raw)
    SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
    ON CONFLICT DO NOTHING
"""


def add_row_errors(file_import: FileImport, bad: Sequence[BadRow]) -> None:
    """Keep these, up to a number per import. `file_import.rejected` says how many were kept before."""
    keep_row_errors("ingestion_rowerror", "file_import_id", file_import.pk, bad, before=file_import.rejected)


def keep_row_errors(table: str, job: str, job_id: int, bad: Sequence[BadRow], *, before: int) -> None:
    """Keep these in the table as rows of the job (its column), up to a number per job with those kept before."""
    kept = bad[: max(0, MAX_KEPT - before)]
    if not kept:
        return
    columns: list[list[int] | list[str]] = [
        [row.number for row in kept], [row.line for row in kept], [row.reason[:MAX_REASON] for row in kept],
        [row.raw for row in kept],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(table=table, job=job), [job_id, *columns])


def errors_as_csv(file_import: FileImport) -> Iterator[str]:
    """The rows that were not taken as lines of a CSV file, safe to open in a spreadsheet."""
    yield csv_line("row", "line", "reason", "beginning of the row")
    for error in file_import.row_errors.order_by("row").iterator(chunk_size=2000):
        yield csv_line(str(error.row), str(error.line), error.reason, without_formula(error.raw))


def csv_line(*cells: str) -> str:
    """A line of a CSV file."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
