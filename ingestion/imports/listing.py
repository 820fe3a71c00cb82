"""The imports there are, newest first."""

from ingestion.models import FileImport

MAX_PAGE = 200


def recent_imports(*, before: int | None = None, limit: int = 50) -> list[FileImport]:
    """A page; `before` is the number of the last import of the former one."""
    rows = FileImport.objects.select_related("source").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[: min(limit, MAX_PAGE)])
