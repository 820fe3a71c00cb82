"""What was ever brought in from which file; kept for good, and free of personal data."""

from django.db import models


class ImportedFile(models.Model):
    """A file that was imported into a source: its rows up to `rows_done` are in, but for the gaps."""

    file_hash = models.CharField(max_length=64)
    source = models.ForeignKey("ingestion.Source", on_delete=models.PROTECT, related_name="+")
    rows_done = models.BigIntegerField(default=0)
    complete = models.BooleanField(default=False, help_text="Whether the end of the file was reached")
    first_import = models.BigIntegerField(help_text="Number of the import that began it")
    first_imported_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["file_hash", "source"], name="imported_file_unique")]

    def __str__(self) -> str:
        return f"{self.rows_done} rows of {self.file_hash[:12]}"


class ImportGap(models.Model):
    """Rows, first to last, that were read and not taken: a later import of the same file tries them again."""

    file = models.ForeignKey(ImportedFile, on_delete=models.CASCADE, related_name="gaps", db_index=False)
    first_row = models.BigIntegerField()
    last_row = models.BigIntegerField()

    class Meta:
        ordering = ["first_row"]
        constraints = [models.UniqueConstraint(fields=["file", "first_row"], name="import_gap_unique")]

    def __str__(self) -> str:
        return f"rows {self.first_row} to {self.last_row}"


class ImportRun(models.Model):
    """Rows, first to last, that one import brought in: what it gives back when it is undone."""

    file_import = models.ForeignKey(
        "ingestion.FileImport", on_delete=models.CASCADE, related_name="runs", db_index=False
    )
    first_row = models.BigIntegerField()
    last_row = models.BigIntegerField()

    class Meta:
        ordering = ["first_row"]
        constraints = [models.UniqueConstraint(fields=["file_import", "first_row"], name="import_run_unique")]

    def __str__(self) -> str:
        return f"rows {self.first_row} to {self.last_row} of import {self.file_import_id}"
