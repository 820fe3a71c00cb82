"""Resubmitting and discarding dead letters: a preview of what it does, then the deed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cdp_site.pipeline.deciding import AT_ONCE, Decision, preview_of, preview_of_group, resubmit_group
from cdp_site.pipeline.deciding import decide as decide_on
from cdp_site.words import grouped
from compliance.access import actor_of
from compliance.wording import sentence
from streaming.domain.resubmissions.starting import NothingToResubmit, WrongRate
from streaming.domain.returning import Unsendable
from streaming.domain.running import UnknownConsumer
from streaming.row_ids import row_id
from streaming.screens import render_screen
from streaming.tasks import run_resubmission

_DONE = {
    Decision.RESUBMIT: "{} sent back to their consumers: they are read again after what waits already.",
    Decision.DISCARD: "{} discarded. They stay visible under “Discarded”.",
}


def preview(request: HttpRequest) -> HttpResponse:
    """What would be done, to how many; nothing is done yet."""
    decision = _decision(request)
    if request.method != "POST" or decision is None:
        return redirect("admin:dead_letters")
    like = row_id(request.POST.get("like"))
    if like is not None and decision is Decision.RESUBMIT:
        found = preview_of_group(actor_of(request), like)
    else:
        found = preview_of(actor_of(request), _ids(request), like=like)
    if not found or not found.letters:
        messages.warning(request, "Choose at least one dead letter that is open.")
        return redirect("admin:dead_letters")
    context = {
        "title": "Resubmit dead letters" if decision is Decision.RESUBMIT else "Discard dead letters",
        "decision": decision,
        "preview": found,
        "at_once": AT_ONCE,
    }
    return render_screen(request, "streaming/decide.html", context)


def decide(request: HttpRequest) -> HttpResponse:
    """Do what the preview showed."""
    decision, ids, like = _decision(request), _ids(request), row_id(request.POST.get("like"))
    if request.method == "POST" and decision is Decision.RESUBMIT and like is not None:
        return _start_job(request, like)
    if request.method == "POST" and decision is not None and ids:
        try:
            count = decide_on(actor_of(request), decision, ids, now=timezone.now())
        except (Unsendable, UnknownConsumer) as error:
            messages.error(request, sentence(error))
            return redirect("admin:dead_letters")
        letters = "1 dead letter was" if count == 1 else f"{grouped(count)} dead letters were"
        messages.success(request, _DONE[decision].format(letters))
    return redirect("admin:dead_letters")


def _start_job(request: HttpRequest, like: int) -> HttpResponse:
    """Begin, and lead to the job's page."""
    try:
        rate = _rate(request.POST.get("rate", ""))
        job = resubmit_group(actor_of(request), like, rate=rate, now=timezone.now())
    except (NothingToResubmit, WrongRate, UnknownConsumer) as error:
        messages.error(request, sentence(error))
        return redirect("admin:dead_letters")
    run_resubmission.delay(resubmission_id=job)
    return redirect("admin:resubmission", resubmission_id=job)


def _rate(text: str) -> float | None:
    """Letters a second, or None for no limit. Raises WrongRate."""
    if not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise WrongRate("the rate should be a number of letters a second") from None


def _decision(request: HttpRequest) -> Decision | None:
    action = request.POST.get("decision", "")
    return Decision(action) if action in set(Decision) else None


def _ids(request: HttpRequest) -> list[int]:
    """Those of the ticked boxes, or the list of the preview."""
    given = request.POST.getlist("id") or request.POST.get("ids", "").split(",")
    return [known for text in given[:AT_ONCE] if (known := row_id(text)) is not None]
