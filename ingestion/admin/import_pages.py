"""Imports: the list, the upload, the page of one, and its row errors as a file."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from compliance.access import Actor, actor_of
from compliance.sources import of_sources
from compliance.wording import sentence
from ingestion.admin.addresses import number, typed
from ingestion.admin.mapping_form import KEYED, KINDS, PLACES, fields_of
from ingestion.domain.sources import SourceError, source_named
from ingestion.enums import ImportState
from ingestion.imports.columns import Mapping, MappingError
from ingestion.imports.errors_access import export_errors
from ingestion.imports.formats import FileFormat, FileKind, UnreadableFile
from ingestion.imports.holding import why_held
from ingestion.imports.listing import recent_imports
from ingestion.imports.preview_access import ShownRow, show_preview
from ingestion.imports.progress import progress_of
from ingestion.imports.undone import undoing_of
from ingestion.imports.uploads import receive_upload
from ingestion.models import FileImport, Source
from streaming.contracts.events import EVENT_TYPES
from streaming.screens import render_part, render_screen

SHOWN = 30
ENCODINGS = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
KINDS_OF_FILES = {
    FileKind.CSV: "CSV",
    FileKind.JSON_LINES: "JSON Lines",
    FileKind.JSON_ARRAY: "JSON (an array of objects)",
    FileKind.XLSX: "Spreadsheet (XLSX)",
    FileKind.PARQUET: "Parquet",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar", " ": "space"}


def listing(request: HttpRequest) -> HttpResponse:
    """All imports, newest first; the rows alone when they are renewed."""
    before, source_id = number(request, "before"), number(request, "source")
    state = request.GET.get("state", "")
    state = state if state in ImportState.values else ""
    found = recent_imports(
        before=before, limit=SHOWN + 1, source_id=source_id, state=state, actor=actor_of(request)
    )
    context = {
        "title": "Imports",
        "imports": [(each, progress_of(each)) for each in found[:SHOWN]],
        "running": sum(each.state == ImportState.RUNNING for each in found),
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "first": before is None,
        "source_id": source_id,
        "state": state,
        "is_filtered": bool(source_id or state),
        "sources": of_sources(actor_of(request), Source.objects.all(), "pk"),
        "states": ImportState.choices,
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "ingestion/_import_rows.html", context)
    return render_screen(request, "ingestion/imports.html", context)


def upload(request: HttpRequest) -> HttpResponse:
    """Take a file, and lead to its mapping."""
    errors: dict[str, str] = {}
    if request.method == "POST":
        file, name = request.FILES.get("file"), typed(request.POST, "source", limit=100)
        if not name:
            errors["source"] = "Say which source the rows are from: choose one, or name a new one."
        if file is None:
            errors["file"] = "Choose a file, or drop one here."
        if not errors and isinstance(file, UploadedFile):
            try:
                return redirect("admin:import", import_id=_received(file, name, actor_of(request)).pk)
            except (UnreadableFile, SourceError) as wrong:
                errors["file"] = sentence(wrong)
    context = {
        "title": "New import",
        "sources": of_sources(actor_of(request), Source.objects.filter(disabled_at=None), "pk"),
        "errors": errors,
        "most_bytes": settings.MAX_UPLOAD_MB << 20,
        "source": request.POST.get("source") or request.GET.get("source", ""),
    }
    return render_screen(request, "ingestion/import_new.html", context, status=400 if errors else 200)


def _received(file: "UploadedFile[bytes]", name: str, by: Actor) -> FileImport:
    now = timezone.now()
    source = source_named(name=name, by=by, now=now)
    return receive_upload(chunks=file.chunks(), name=file.name or "file", source=source, by=by, now=now)


def file_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """The page of one: its mapping while it is a draft, its progress from then on."""
    found = import_or_404(import_id)
    if found.state == ImportState.DRAFT:
        return render_screen(request, "ingestion/import_draft.html", draft_context(request, found))
    return render_screen(request, "ingestion/import.html", _run_context(found))


def progress(request: HttpRequest, import_id: int) -> HttpResponse:
    """How far it has come."""
    return render_part(request, "ingestion/_import_progress.html", _run_context(import_or_404(import_id)))


def errors(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """The rows that were not taken, as CSV that is safe to open in a spreadsheet."""
    found = import_or_404(import_id)
    lines = export_errors(actor_of(request), found)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}-errors.csv"'
    return answer


def import_or_404(import_id: int) -> FileImport:
    """The import. Raises Http404."""
    try:
        return FileImport.objects.select_related("source").get(pk=import_id)
    except FileImport.DoesNotExist as missing:
        raise Http404("there is no such import") from missing


def draft_context(
    request: HttpRequest, found: FileImport, *, mapping: Mapping | None = None, error: str = ""
) -> dict[str, Any]:
    """What the mapping page shows; with `mapping`, what a person made of the proposal."""
    mapping = mapping or Mapping.from_json(found.mapping)
    file_format = FileFormat.from_json(found.format)
    preview, problem = _preview(request, found, mapping)
    samples = [str(value) for value in preview[0].row.values] if preview else []
    return {
        "title": found.name,
        "import": found,
        "format_words": format_words(file_format),
        "mapping": mapping,
        "fields": fields_of(mapping, samples),
        "places": PLACES,
        "keyed": list(KEYED),
        "kinds": [(kind.value, label) for kind, label in KINDS],
        "types": sorted(EVENT_TYPES),
        "preview": preview,
        "error": error or problem,
    }


def format_words(file_format: FileFormat) -> str:
    """What was found out about the file."""
    words = [KINDS_OF_FILES[file_format.kind]]
    if file_format.kind in (FileKind.CSV, FileKind.JSON_LINES):
        words.append(ENCODINGS[file_format.encoding])
    if file_format.sheets > 1:
        words.append(f"sheet “{file_format.sheet}”, the first with rows of {file_format.sheets}")
    if file_format.rows:
        words.append(f"{file_format.rows:,} rows")
    if file_format.delimiter:
        words.append(f"separated by {DELIMITERS.get(file_format.delimiter, file_format.delimiter)}")
        words.append("with a header" if file_format.has_header else "without a header")
    if file_format.gzipped:
        words.append("gzipped")
    return ", ".join(words)


def _preview(request: HttpRequest, found: FileImport, mapping: Mapping) -> tuple[list[ShownRow], str]:
    try:
        shown = show_preview(actor_of(request), file_import=found, mapping=mapping, now=timezone.now())
    except (MappingError, UnreadableFile) as wrong:
        return [], sentence(wrong)
    return shown, ""


def _run_context(found: FileImport) -> dict[str, Any]:
    return {
        "title": found.name,
        "import": found,
        "progress": progress_of(found),
        "undoing": undoing_of(found.pk),
        "may_undo": found.started_at is not None and (found.has_ended or found.state == ImportState.PAUSED),
        "held": "" if found.has_ended else why_held(),
        "format_words": format_words(FileFormat.from_json(found.format)),
    }
