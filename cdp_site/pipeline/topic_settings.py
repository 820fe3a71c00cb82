"""What a topic should be like: the form that declares it, and putting it on the log."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from compliance.access import actor_of
from streaming.contracts.log import LogError, LogUnavailable, UnknownTopic
from streaming.contracts.records import Cleanup
from streaming.domain.topics.amounts import bytes_of, duration_text, seconds_of, size_text
from streaming.domain.topics.changing import Applied, apply, declare
from streaming.domain.topics.declaration import Wish
from streaming.domain.topics.rules import TopicRefused
from streaming.domain.topics.states import TopicSettings, topic_settings
from streaming.editing import edit_form, edits
from streaming.event_log import event_log
from streaming.screens import render_screen

_STAYS = {
    Cleanup.DELETE: "every record, up to these limits",
    Cleanup.COMPACT: "the newest record of each key",
}


def settings_of(name: str) -> TopicSettings:
    """One topic's. Raises Http404 without it, and LogUnavailable."""
    try:
        return topic_settings(event_log(), [name])[0]
    except UnknownTopic as error:
        raise Http404(str(error)) from error


def lines_of(found: TopicSettings) -> list[dict[str, Any]]:
    """Each setting in people's words, declared and real, with what differs."""
    spec, real, copies = found.declared.spec, found.real, found.replication
    drifts = {each.setting: each for each in found.drifts}
    lines = [
        ("partitions", "Partitions", spec.partitions, real.partitions),
        (
            "retention",
            "Kept for",
            duration_text(spec.retention_seconds),
            duration_text(real.retention_seconds),
        ),
        (
            "retention-bytes",
            "At most, for each partition",
            size_text(spec.retention_bytes),
            size_text(real.retention_bytes),
        ),
        ("cleanup", "What stays", _STAYS[spec.cleanup], _STAYS[real.cleanup]),
    ]
    if copies:
        usual = "the cluster's default"
        lines += [
            ("replication", "Copies", found.declared.replication or usual, copies.factor),
            ("min-insync", "Copies that acknowledge", found.declared.min_insync or usual, copies.min_insync),
        ]
    return [
        {"label": label, "declared": declared, "real": so, "drift": drifts.get(setting)}
        for setting, label, declared, so in lines
    ]


TOPIC = edit_form(
    "topic",
    find=lambda _request, name: settings_of(name),
    values=lambda found: {line["label"]: line["declared"] for line in lines_of(found)},
    page=lambda found: reverse("admin:topic_settings", args=[found.name]),
)


@edits(TOPIC)
def form(request: HttpRequest, name: str) -> HttpResponse:
    """The form; what it is sent is declared, and nothing changes on the log before it is applied."""
    try:
        found = settings_of(name)
        context = {"title": f"Settings of {name}", "settings": found, "values": _values(found)}
        if request.method == "POST":
            return _declare(request, found, context)
    except LogUnavailable as error:
        return render_screen(request, "streaming/away.html", {"title": name, "trouble": error}, status=503)
    return render_screen(request, "streaming/topic_settings.html", context)


def _declare(request: HttpRequest, found: TopicSettings, context: dict[str, Any]) -> HttpResponse:
    values = {field: request.POST.get(field, "").strip()[:40] for field in context["values"]}
    try:
        wish = _wish(values, found)
        done = declare(event_log(), found.name, wish, actor=actor_of(request), now=timezone.now())
    except (TopicRefused, ValueError, LogError) as error:
        refused = {**context, "values": values, "error": str(error)}
        return render_screen(request, "streaming/topic_settings.html", refused, status=422)
    for consequence in done.consequences:
        messages.warning(request, consequence)
    messages.success(
        request,
        f"Declared. {'Apply it to change the log.' if done.settings.drifts else 'The log is so already.'}",
    )
    return redirect("admin:topic", found.name)


def _values(found: TopicSettings) -> dict[str, str]:
    """What is declared, as the fields show it."""
    declared = found.declared
    values = {
        "partitions": str(declared.spec.partitions),
        "retention": duration_text(declared.spec.retention_seconds),
        "retention_bytes": size_text(declared.spec.retention_bytes),
        "cleanup": declared.spec.cleanup.value,
    }
    if found.replication:
        values |= {
            "replication": str(declared.replication or ""),
            "min_insync": str(declared.min_insync or ""),
        }
    return values


def _wish(values: dict[str, str], found: TopicSettings) -> Wish:
    """What differs from what is declared. Raises ValueError saying what is wrong."""
    changed = {field: text for field, text in values.items() if text != _values(found)[field]}
    return Wish(
        partitions=_number(changed, "partitions"),
        retention_seconds=seconds_of(changed["retention"]) if "retention" in changed else None,
        retention_bytes=bytes_of(changed["retention_bytes"]) if "retention_bytes" in changed else None,
        cleanup=Cleanup(changed["cleanup"]) if changed.get("cleanup") in set(Cleanup) else None,
        replication=_number(changed, "replication"),
        min_insync=_number(changed, "min_insync"),
    )


def _number(changed: dict[str, str], field: str) -> int | None:
    if field not in changed:
        return None
    text = changed[field] or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 6):  # noqa: PLR2004 -- no log has so many
        raise ValueError(f"{field.replace('_', '-')} should be a whole number")
    return int(text)


def put(request: HttpRequest, name: str) -> HttpResponse:
    """Put what is declared on the log."""
    if request.method == "POST":
        try:
            _say(request, apply(event_log(), name, actor=actor_of(request)))
        except LogError as error:
            messages.error(request, str(error))
    return redirect("admin:topic", name)


def _say(request: HttpRequest, applied: Applied) -> None:
    if applied.applied:
        changes = ", ".join(f"{each.setting} {each.real} → {each.declared}" for each in applied.applied)
        messages.success(request, f"Applied: {changes}.")
    for each in applied.left:
        messages.warning(request, f"{each} is left: {each.hindrance or 'the log does not say so yet'}.")
