"""The imports there are, newest first."""

from compliance.actors import Actor
from compliance.sources import of_sources
from ingestion.models import FileImport

MAX_PAGE = 200


def recent_imports(
    *,
    before: int | None = None,
    limit: int = 50,
    source_id: int | None = None,
    state: str = "",
    actor: Actor | None = None,
) -> list[FileImport]:
    """A page of those into sources that the actor may see, of a source or in a state where that is said; `before` is the number of the last import of the former one."""
    rows = of_sources(actor, FileImport.objects.select_related("source").order_by("-id"))
    exact = {"source_id": source_id, "state": state}
    rows = rows.filter(**{field: value for field, value in exact.items() if value})
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[: min(limit, MAX_PAGE)])
