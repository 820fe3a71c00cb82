"""What one can do with an import: try a mapping, start, pause, resume, cancel, discard."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import Actor, actor_of
from compliance.wording import sentence
from ingestion.admin.import_pages import draft_context, import_or_404
from ingestion.admin.mapping_form import read_mapping
from ingestion.imports.columns import Mapping, MappingError
from ingestion.imports.formats import FileFormat, UnreadableFile
from ingestion.imports.jobs import (
    FileKnown,
    ImportConflict,
    cancel_import,
    discard_draft,
    pause_import,
    resume_import,
    start_import,
)
from ingestion.imports.rehearsing import MOST_ROWS, RehearsalBusy, rehearse_import
from ingestion.imports.undoing import resume_undoing, stop_undoing, undo_import
from ingestion.models import FileImport
from ingestion.tasks import run_import
from streaming.screens import render_part, render_screen


@require_POST
def preview(request: HttpRequest, import_id: int) -> HttpResponse:
    """What the first rows become by the mapping that stands in the form."""
    found = import_or_404(import_id)
    context = draft_context(request, found, mapping=_mapping(request, found))
    return render_part(request, "ingestion/_import_preview.html", context)


@require_POST
def rehearsal(request: HttpRequest, import_id: int) -> HttpResponse:
    """Whom the rows would create, merge and change by the mapping that stands in the form."""
    found = import_or_404(import_id)
    context: dict[str, object] = {"most": MOST_ROWS}
    try:
        context["rehearsal"] = rehearse_import(
            actor_of(request), file_import=found, mapping=_mapping(request, found), now=timezone.now()
        )
    except (MappingError, UnreadableFile) as wrong:
        context["error"] = sentence(wrong)
    except RehearsalBusy as busy:
        context["error"] = str(busy)
    return render_part(request, "ingestion/_import_rehearsal.html", context)


@require_POST
def start(request: HttpRequest, import_id: int) -> HttpResponse:
    """Begin; what is wrong with the mapping is said on its page."""
    found = import_or_404(import_id)
    mapping = _mapping(request, found)
    choices = {name: bool(request.POST.get(name)) for name in ("elsewhere", "again")}
    try:
        start_import(file_import=found, mapping=mapping, by=actor_of(request), **choices)
    except (MappingError, ImportConflict) as wrong:
        context = draft_context(request, found, mapping=mapping, error=sentence(wrong))
        context["choice"] = wrong.choice if isinstance(wrong, FileKnown) else ""
        return render_screen(request, "ingestion/import_draft.html", context, status=400)
    run_import.delay(import_id=found.pk)
    return redirect("admin:import", import_id=found.pk)


@require_POST
def change(request: HttpRequest, import_id: int, action: str) -> HttpResponse:
    """Pause, resume, cancel or discard."""
    found, by = import_or_404(import_id), actor_of(request)
    try:
        return _change(request, found, action, by)
    except ImportConflict as wrong:
        messages.error(request, sentence(wrong))
        return redirect("admin:import", import_id=import_id)


def _change(request: HttpRequest, found: FileImport, action: str, by: Actor) -> HttpResponse:
    if action == "discard":
        discard_draft(file_import=found, by=by)
        messages.success(request, f"{found.name} is discarded: nothing of it was imported.")
        return redirect("admin:imports")
    if action == "pause":
        pause_import(file_import=found, by=by)
    elif action == "resume":
        resume_import(file_import=found, by=by)
        run_import.delay(import_id=found.pk)
    elif action == "cancel":
        cancel_import(file_import=found, by=by, now=timezone.now())
    elif action == "undo":
        _undo(request, found, by)
    elif action == "undo-stop":
        stop_undoing(file_import=found, by=by)
    elif action == "undo-go-on":
        resume_undoing(file_import=found, by=by)
    else:
        raise Http404("an import cannot do this")
    return redirect("admin:import", import_id=found.pk)


def _undo(request: HttpRequest, found: FileImport, by: Actor) -> None:
    """What cannot be taken back is confirmed by typing the number of the import."""
    if request.POST.get("number", "").strip() != str(found.pk):
        raise ImportConflict(f"type the number of the import ({found.pk}) to undo it: nothing was undone")
    undo_import(file_import=found, by=by, now=timezone.now())


def _mapping(request: HttpRequest, found: FileImport) -> Mapping:
    return read_mapping(
        request.POST.dict(), Mapping.from_json(found.mapping), FileFormat.from_json(found.format)
    )
