"""Topics: the picture of the pipeline, the list, and the page of one."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from cdp_site.pipeline.graph import pipeline
from cdp_site.pipeline.topic_settings import lines_of, settings_of
from compliance.access import actor_of
from ingestion.domain.queries.flows import flows
from streaming.contracts.log import LogError
from streaming.domain.flow.retirement import retired_consumers
from streaming.domain.queries.appends import last_appends
from streaming.domain.queries.consumers import consumers
from streaming.domain.queries.topics import TopicState, topics
from streaming.domain.topics.health import recent_log_troubles
from streaming.domain.topics.states import topic_settings
from streaming.event_log import event_log
from streaming.screens import render_part, render_screen

TOLD_BEFORE_S = timedelta(days=7).total_seconds()


def listing(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render_screen(request, "streaming/topics.html", {"title": "Topics", **_pipeline(request)})


def graph(request: HttpRequest) -> HttpResponse:
    """The picture and the list, as of now."""
    return render_part(request, "streaming/_topics.html", {**_pipeline(request), "renewed": True})


def topic(request: HttpRequest, name: str) -> HttpResponse:
    """The page of one, or the part of it that is renewed."""
    now = timezone.now()
    try:
        found = next((each for each in topics(now) if each.name == name), None)
        settings = settings_of(name)
    except LogError as error:
        return render_screen(request, "streaming/away.html", {"title": name, "trouble": error}, status=503)
    if found is None:
        raise Http404("there is no such topic")
    readers = [each for each in consumers(now) if each.name in found.readers]
    context = {
        "title": name,
        "topic": found,
        "last": last_appends([found]).get(name),
        "lines": _lines(found, readers),
        "settings": settings,
        "setting_lines": lines_of(settings),
    }
    if request.headers.get("HX-Request"):
        return render_part(request, "streaming/_topic.html", context)
    return render_screen(request, "streaming/topic.html", context)


def _pipeline(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    try:
        found = topics(now)
        drifting = {each.name for each in topic_settings(event_log()) if each.drifts}
    except LogError as error:
        return {"trouble": error}
    states, last = consumers(now), last_appends(found)
    return {
        "drawing": pipeline(flows(now=now, actor=actor_of(request)), found, states, retired_consumers()),
        "rows": [(each, last.get(each.name)) for each in found],
        "drifting": drifting,
        "log_troubles": recent_log_troubles(event_log),
        "per_minute": sum(each.records_per_minute for each in found if each.name.startswith("events.")),
        "at_risk": _soonest_loss(found),
    }


def _soonest_loss(found: list[TopicState]) -> float | None:
    """In how many seconds retention takes unread records at this pace, where that is soon enough to be told."""
    soon = [each.seconds_to_loss for each in found if each.seconds_to_loss is not None]
    return min((each for each in soon if each < TOLD_BEFORE_S), default=None)


def _lines(found: TopicState, readers: list[Any]) -> list[dict[str, Any]]:
    """Each partition with what each reader has left of it."""
    return [
        {
            "partition": partition,
            "records": partition.end - partition.start,
            "readers": [
                (reader.name, each)
                for reader in readers
                for each in reader.partitions
                if (each.topic, each.partition) == (found.name, partition.partition)
            ],
        }
        for partition in found.partitions
    ]
