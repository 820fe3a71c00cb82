"""The audit trail: each row a sentence; searched by person, by who acted, by what they did, for what and when."""

from datetime import date, datetime, timedelta

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.asking import asked
from compliance.admin.words import CATEGORIES, GROUPS, actor_words, sentence
from compliance.domain.approvals.kinds import ApprovalKind
from compliance.domain.approvals.needing import ApprovalNeeded, takes_approval
from compliance.domain.trail.exporting import FORMS, TrailFile, export_trail
from compliance.domain.trail.rows import TrailRow
from compliance.domain.trail.searching import LONGEST_PERSON, YEARS, Search, search_trail
from compliance.enums import Category
from compliance.rates.pages import costs
from compliance.searches import keep_search, kept_search
from streaming.row_ids import row_id
from streaming.screens import render_screen

SHOWN = 50
_SEARCHES = "audit"
_FILTERS = ("by", "action", "category", "purpose", "since", "until", "find")
_DAY = timedelta(days=1)


@costs("search")
def listing(request: HttpRequest) -> HttpResponse:
    """The rows, newest first. A person who is looked for is posted, and never stands in the address."""
    if request.method == "POST":
        return _looked_for(request)
    search, before = _search(request), row_id(request.GET.get("before", ""))
    found = search_trail(actor_of(request), search, before=before, limit=SHOWN)
    context = {
        "title": "Audit trail",
        "rows": [_told(row) for row in found.rows],
        "next": found.next,
        "first": before is None,
        "search": search,
        "find": request.GET.get("find", "") if search.person else "",
        "is_narrowed": search != Search(),
        "since": request.GET.get("since", "") if search.since else "",
        "until": request.GET.get("until", "") if search.until else "",
        "groups": GROUPS,
        "categories": {category.value: text for category, text in CATEGORIES.items()},
        "longest_person": LONGEST_PERSON,
        "takes_approval": takes_approval(ApprovalKind.EXPORT_TRAIL, actor_of(request)),
    }
    return render_screen(request, "compliance/audit.html", context)


@costs("export")
@require_POST
def export(request: HttpRequest) -> FileResponse | HttpResponse:
    """What the address searches for, as a file; its hash stands in a header, in the name and in the trail."""
    form = request.POST.get("form", "")
    if form not in FORMS:
        return redirect("admin:audit")
    try:
        found = export_trail(
            actor_of(request), _search(request), form=form, told=row_words, now=timezone.now()
        )
    except ApprovalNeeded as needed:
        return asked(request, needed, back=reverse("admin:audit"))
    return file_answer(found, form)


def file_answer(file: TrailFile, form: str) -> FileResponse:
    """The file for who asked."""
    name = f"audit-trail-{file.sha256[:12]}.{form}"
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    answer = FileResponse(file.content, as_attachment=True, filename=name, content_type=kind)
    answer["X-Content-SHA256"] = file.sha256
    answer["X-Rows"] = f"{file.rows}{'+' * file.is_cut}"
    answer["Cache-Control"] = "no-store"
    return answer


def _looked_for(request: HttpRequest) -> HttpResponse:
    """The page that looks for the person, with the other filters as they are."""
    wanted = QueryDict(mutable=True)
    for name in _FILTERS[:-1]:
        if value := request.GET.get(name, ""):
            wanted[name] = value
    if person := " ".join(request.POST.get("person", "").split())[:LONGEST_PERSON]:
        wanted["find"] = keep_search(request.session, _SEARCHES, person)
    return redirect(f"{reverse('admin:audit')}?{wanted.urlencode()}")


def _search(request: HttpRequest) -> Search:
    """What the address says; what cannot be read in it narrows nothing."""
    given = request.GET
    action, category = given.get("action", ""), given.get("category", "")
    until = _midnight(given.get("until", ""))
    return Search(
        person=kept_search(request.session, _SEARCHES, given.get("find", "")) or "",
        by=given.get("by", "").strip()[:150],
        action=action if action in GROUPS else "",
        category=category if category in set(Category) else "",
        purpose=given.get("purpose", "").strip()[:40],
        since=_midnight(given.get("since", "")),
        until=until and until + _DAY,
    )


def _midnight(text: str) -> datetime | None:
    """When the day begins in the zone of the viewer."""
    try:
        day = date.fromisoformat(text)
        if day.year not in YEARS:
            return None
        return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 -- it becomes aware
    except ValueError:
        return None


def row_words(row: TrailRow) -> str:
    """The row as a sentence, with who acted."""
    return f"{actor_words(row)} {sentence(row)}"


def _told(row: TrailRow) -> dict[str, object]:
    return {
        "at": row.at,
        "actor": actor_words(row),
        "by": row.actor,
        "sentence": sentence(row),
        "address": row.address,
        "categories": ", ".join(row.categories),
        "purpose": row.purpose,
        "is_denial": row.action in ("access.denied", "sign_in.failed"),
    }
