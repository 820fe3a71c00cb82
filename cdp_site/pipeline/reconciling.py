"""Reconciliation: whether everything balances, what does not, and asking for another look."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from cdp_site.models import Reconciliation
from cdp_site.reconciliation import jobs, queries
from cdp_site.reconciliation.queries import SHOWN, Place
from cdp_site.tasks import reconcile
from cdp_site.words import grouped
from compliance.access import actor_of
from ingestion.models import Source
from streaming.row_ids import row_id
from streaming.screens import render_part, render_screen

NAMED = 20


def overview(request: HttpRequest) -> HttpResponse:
    """The newest result by source and topic, what it found, the consumers, and those before."""
    by, now = actor_of(request), timezone.now()
    newest, running = queries.latest(by=by), jobs.open_one(now=now)
    context: dict[str, Any] = {
        "title": "Reconciliation",
        "run": newest,
        "running": running,
        "history": queries.history(by=by),
        "state": sentence_of(newest),
    }
    if newest is not None:
        context |= {
            "lines": queries.lines(newest, by=by),
            "totals": queries.totals(newest, by=by),
            "findings": queries.findings(newest, Place(), by=by, most=NAMED),
            "sources": _sources(),
        }
    return render_screen(request, "reconciliation/overview.html", context)


def progress(request: HttpRequest) -> HttpResponse:
    """How far the one that runs has come; when it has ended, the page is loaded again."""
    running = jobs.open_one(now=timezone.now())
    if running is None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render_part(request, "reconciliation/_progress.html", {"running": running})


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Ask for one."""
    asked = jobs.ask(by=actor_of(request), now=timezone.now())
    reconcile.delay(run_id=asked.pk)
    return redirect("admin:reconciliation")


@require_POST
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Have it end."""
    jobs.cancel(run_id, by=actor_of(request))
    messages.success(request, "The reconciliation ends: nothing of it is kept.")
    return redirect("admin:reconciliation")


def findings(request: HttpRequest, run_id: int) -> HttpResponse:
    """What one found, by id; of a source, a topic or an hour when the address says so."""
    run, by = _run(request, run_id), actor_of(request)
    place = Place(
        source_id=row_id(request.GET.get("source")),
        topic=request.GET.get("topic") or None,
        hour=_moment(request.GET.get("hour")),
    )
    after = row_id(request.GET.get("after"))
    found = queries.findings(run, place, by=by, after=after, most=SHOWN + 1)
    context = {
        "title": "What does not balance",
        "run": run,
        "place": place,
        "findings": found[:SHOWN],
        "sources": _sources(),
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "first": after is None,
    }
    return render_screen(request, "reconciliation/findings.html", context)


def hours(request: HttpRequest, run_id: int) -> HttpResponse:
    """One source and topic by hour."""
    run, by = _run(request, run_id), actor_of(request)
    source, topic = row_id(request.GET.get("source")), request.GET.get("topic", "")
    before = _moment(request.GET.get("before"))
    found = queries.hours(run, source or 0, topic, by=by, before=before)
    context = {
        "title": topic or "No topic",
        "run": run,
        "source_id": source or 0,
        "topic": topic,
        "sources": _sources(),
        "rows": found[:SHOWN],
        "next": found[SHOWN - 1].hour.isoformat() if len(found) > SHOWN else None,
        "first": before is None,
    }
    return render_screen(request, "reconciliation/hours.html", context)


def sentence_of(run: Reconciliation | None) -> str:
    """Whether everything balances, as one would say it."""
    if run is None:
        return "Nothing was reconciled yet."
    if not run.findings:
        return f"Balanced{run.reservation}: every accepted event is applied, dead-lettered, suppressed, in quarantine or on its way."
    what = "1 thing does" if run.findings == 1 else f"{grouped(run.findings)} things do"
    return f"Not balanced{run.reservation}: {what} not add up."


def _run(request: HttpRequest, run_id: int) -> Reconciliation:
    run = next((each for each in queries.history(by=actor_of(request)) if each.pk == run_id), None)
    if run is None:
        raise Http404("there is no such reconciliation")
    return run


def _sources() -> dict[int, str]:
    return dict(Source.objects.values_list("pk", "name"))


def _moment(text: str | None) -> datetime | None:
    """A moment of an address, or None."""
    try:
        found = datetime.fromisoformat((text or "").replace(" ", "+"))
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
