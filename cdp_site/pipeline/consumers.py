"""Consumers: the list, and the page of one."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cdp_site.pipeline.states import sentence_of, tone_of
from cdp_site.words import grouped
from streaming.domain.queries.consumers import SILENT_AFTER, ConsumerState, consumers, is_alive
from streaming.screens import render_screen


def listing(request: HttpRequest) -> HttpResponse:
    """All of them; the part that is renewed when it is asked for."""
    now = timezone.now()
    states = consumers(now)
    context = {"title": "Consumers", "rows": [_row(each, now) for each in states], "state": _summary(states)}
    if request.headers.get("HX-Request"):
        return render(request, "streaming/_consumers.html", {**context, "renewed": True})
    return render_screen(request, "streaming/consumers.html", context)


def consumer(request: HttpRequest, name: str) -> HttpResponse:
    """One: its workers, its partitions, its positions."""
    now = timezone.now()
    found = next((each for each in consumers(now) if each.name == name), None)
    if found is None:
        raise Http404("there is no such consumer")
    context = {
        "title": name,
        **_row(found, now),
        "workers": [(each, is_alive(each, now)) for each in found.workers],
        "worker_names": {each.id: f"{each.host} {each.pid}" for each in found.workers},
        "silent_after": SILENT_AFTER,
    }
    if request.headers.get("HX-Request"):
        return render(request, "streaming/_consumer.html", context)
    return render_screen(request, "streaming/consumer.html", context)


def _row(state: ConsumerState, now: datetime) -> dict[str, Any]:
    alive = [each for each in state.workers if is_alive(each, now)]
    return {"consumer": state, "tone": tone_of(state), "sentence": sentence_of(state), "alive": len(alive)}


def _summary(states: list[ConsumerState]) -> str:
    unwell = [each.name for each in states if tone_of(each) in ("warn", "bad")]
    if unwell:
        verb = "needs" if len(unwell) == 1 else "need"
        return f"{', '.join(unwell)} {verb} a look."
    total = sum(each.records_per_second for each in states)
    return f"All {len(states)} keep up, {grouped(total)} records a second together."
