"""The rows of an import that were not taken, given out to whoever may see payloads; that is kept."""

from collections.abc import Iterator

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.payloads import require_payloads
from ingestion.imports.row_errors import errors_as_csv
from ingestion.models import FileImport


def export_errors(actor: Actor, file_import: FileImport) -> Iterator[str]:
    """The lines of a CSV file, safe to open in a spreadsheet. Raises AccessDenied.

    The trail has how many rows are given out, under every category: nobody knows what stands where in a row that could
    not be taken, nor whom it is about.
    """
    require(actor, Operation.IMPORTS_RUN)
    require_payloads(actor)
    record_read(
        actor, action="import.errors", target=f"import:{file_import.pk}", categories=Category,
        detail={"rows": file_import.row_errors.count(), "rejected": file_import.rejected},
    )  # fmt: skip
    return errors_as_csv(file_import)
