"""Files that were imported."""

from compliance.enums import Category
from compliance.stores import Store

IMPORTS = (
    Store(
        name="ingestion.import",
        description="Imports of files, without their content",
        location="table:ingestion_fileimport",
        fields={
            **dict.fromkeys(
                (
                    "id",
                    "source",
                    "path",
                    "uploaded",
                    "file_hash",
                    "content_bytes",
                    "format",
                    "mapping",
                    "state",
                    "failure",
                    "created_at",
                    "started_at",
                    "ended_at",
                    "file_deleted_at",
                    "offset",
                    "line",
                    "row",
                    "accepted",
                    "rejected",
                    "suppressed",
                    "repeated",
                    "running_seconds",
                    "lease_owner",
                    "lease_until",
                ),
                None,
            ),
            "name": Category.UNCLASSIFIED,
            "created_by": Category.IDENTITY,
        },
    ),
    Store(
        name="ingestion.row_error",
        description="Rows of files that were not taken, with their beginning",
        location="table:ingestion_rowerror",
        fields={
            **dict.fromkeys(("id", "file_import", "row", "line", "reason"), None),
            "raw": Category.UNCLASSIFIED,
        },
    ),
    Store(
        name="ingestion.imported_file",
        description="Which rows of which file are in, by its hash",
        location="table:ingestion_importedfile",
        fields=dict.fromkeys(
            ("id", "file_hash", "source", "rows_done", "complete", "first_import", "first_imported_at"), None
        ),
    ),
    Store(
        name="ingestion.import_gap",
        description="Which rows of a file are not in, by their numbers",
        location="table:ingestion_importgap",
        fields=dict.fromkeys(("id", "file", "first_row", "last_row"), None),
    ),
    Store(
        name="ingestion.import_run",
        description="Which rows of a file an import brought in, by their numbers",
        location="table:ingestion_importrun",
        fields=dict.fromkeys(("id", "file_import", "first_row", "last_row"), None),
    ),
    Store(
        name="ingestion.uploads",
        description="Uploaded files, until a day after their import",
        location="files:uploads",
        fields={"content": Category.UNCLASSIFIED},
    ),
)
