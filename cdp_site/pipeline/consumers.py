"""Consumers: the list, the page of one, and retiring one."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cdp_site.pipeline.outlooks import drain_in_words, loss_in_words, loss_tone
from cdp_site.pipeline.states import sentence_of, tone_of
from cdp_site.words import grouped
from compliance.access import actor_of
from streaming.domain.flow.outlook import Outlook
from streaming.domain.flow.overview import Overview, overview
from streaming.domain.flow.retirement import keep, retire
from streaming.domain.queries.consumers import SILENT_AFTER, is_alive
from streaming.registry import registered_consumers
from streaming.screens import render_part, render_screen


def listing(request: HttpRequest) -> HttpResponse:
    """All of them; the part that is renewed when it is asked for."""
    now = timezone.now()
    found = overview(now)
    context = {"title": "Consumers", "rows": [_row(each, now) for each in found], "state": _summary(found)}
    if request.headers.get("HX-Request"):
        return render(request, "streaming/_consumers.html", {**context, "renewed": True})
    return render_screen(request, "streaming/consumers.html", context)


def consumer(request: HttpRequest, name: str) -> HttpResponse:
    """One: how it keeps up, its workers, its positions."""
    now = timezone.now()
    found = next((each for each in overview(now) if each.state.name == name), None)
    if found is None:
        raise Http404("there is no such consumer")
    context = {
        "title": name,
        **_row(found, now),
        "topics": [(topic, _outlook(part)) for topic, part in found.flow.topics.items()],
        "workers": [(each, is_alive(each, now)) for each in found.state.workers],
        "silent_after": SILENT_AFTER,
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "streaming/_consumer.html", context)
    return render_screen(request, "streaming/consumer.html", context)


def retirement(request: HttpRequest, name: str) -> HttpResponse:
    """Retire the consumer, or count it again."""
    if name not in registered_consumers():
        raise Http404("there is no such consumer")
    if request.method == "POST":
        actor = actor_of(request)
        if request.POST.get("retired") == "1":
            retire(name, actor=actor, by_name=actor.name, now=timezone.now())
            messages.success(request, f"{name} is retired: nothing waits for it any more.")
        else:
            keep(name, actor=actor)
            messages.success(
                request, f"{name} counts again: the collector slows down before it loses records."
            )
    return redirect("admin:consumer", name)


def _row(each: Overview, now: datetime) -> dict[str, Any]:
    alive = [worker for worker in each.state.workers if is_alive(worker, now)]
    return {
        "consumer": each.state,
        "flow": each.flow,
        "outlook": _outlook(each.flow.total),
        "tone": "" if each.flow.is_retired else tone_of(each.state),
        "label": "Retired" if each.flow.is_retired else each.state.state.label,
        "sentence": "It is stopped for good, and holds nobody back."
        if each.flow.is_retired
        else sentence_of(each.state, each.flow.total),
        "alive": len(alive),
    }


def _outlook(found: Outlook) -> dict[str, Any]:
    return {
        "found": found,
        "arriving": "" if found.arriving is None else f"{grouped(round(found.arriving, 1))} arrive",
        "drain": drain_in_words(found),
        "loss": loss_in_words(found),
        "loss_tone": loss_tone(found),
    }


def _summary(found: list[Overview]) -> str:
    kept = [each for each in found if not each.flow.is_retired]
    unwell = [each.state.name for each in kept if tone_of(each.state) in ("warn", "bad")]
    if unwell:
        verb = "needs" if len(unwell) == 1 else "need"
        return f"{', '.join(unwell)} {verb} a look."
    total = sum(each.state.records_per_second for each in kept)
    return f"All {len(kept)} keep up, {grouped(total)} records a second together."
