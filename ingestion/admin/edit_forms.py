"""The forms of data in that change what is there, and the values that each of them shows (`streaming.editing`)."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from ingestion.admin.plan_form import event_of
from ingestion.domain.consent_signals import meanings_of
from ingestion.domain.plans.comparing import KINDS
from ingestion.domain.plans.document import JsonObject, Plan
from ingestion.models import CatalogueEvent, CatalogueKey, Connection, Source, Stream, TrackingPlan, Webhook
from ingestion.sources.registry import registered_kinds
from streaming.editing import edit_form

_OF_STREAMS = {
    "What is read": "settings", "Columns": "columns", "Key": "key", "Mode": "mode", "Cursor": "cursor", "Look-back": "look_back",
    "Starts at": "starts_at", "Every (seconds)": "every_seconds", "Times": "crontab", "Mapping": "mapping",
}  # fmt: skip


class DraftedEvent(NamedTuple):
    """An event of the draft of a source's plan; `schema` is None when it was taken out."""

    source_id: int
    digest: str
    schema: JsonObject | None


def draft_of(source_id: int) -> Plan:
    """The draft of a source's plan as it is now."""
    kept = TrackingPlan.objects.filter(source_id=source_id).first()
    return Plan.from_json(kept.draft if kept else {})


def _source(_request: HttpRequest, source_id: int) -> Source:
    return get_object_or_404(Source, pk=source_id)


def _page_of(source: Source) -> str:
    return reverse("admin:source", args=[source.pk])


def _signals(source: Source) -> Mapping[str, Any]:
    return {f"{each.name} ({each.signal}): {each.purpose}": "ticked" for each in meanings_of(source)}


def _policy(plan: tuple[int, Plan]) -> Mapping[str, Any]:
    return {KINDS[kind].capitalize(): action.value for kind, action in plan[1].policy.items()}


def _plan_page(plan: tuple[int, Plan]) -> str:
    return reverse("admin:plan", args=[plan[0]])


def _plan(_request: HttpRequest, source_id: int) -> tuple[int, Plan]:
    return source_id, draft_of(source_id)


def _drafted(_request: HttpRequest, source_id: int, digest: str) -> DraftedEvent:
    draft = draft_of(source_id)
    name = event_of(draft, digest)
    return DraftedEvent(source_id, digest, None if name is None else draft.events[name])


def _drafted_page(event: DraftedEvent) -> str:
    if event.schema is None:
        return reverse("admin:plan", args=[event.source_id])
    return reverse("admin:plan_event", args=[event.source_id, event.digest])


def _webhook(webhook: Webhook) -> Mapping[str, Any]:
    settings = {
        f"Proof: {name.replace('_', ' ')}": value for name, value in sorted(webhook.scheme_settings.items())
    }
    return {
        "Name": webhook.name, "How the sender proves who it is": webhook.scheme, **settings,
        "Headers that the mapping sees": list(webhook.headers), "Mapping": webhook.mapping,
    }  # fmt: skip


def _connection(connection: Connection) -> Mapping[str, Any]:
    kind = next((each for each in registered_kinds() if each.key == connection.kind), None)
    titles = {field.name: field.label for field in kind.fields} if kind else {}
    given = {titles.get(name, name): value for name, value in connection.settings.items()}
    return {"Name": connection.name, **given}


def _secrets(connection: Connection) -> Collection[str]:
    kind = next((each for each in registered_kinds() if each.key == connection.kind), None)
    return [field.name for field in kind.fields if field.is_secret] if kind else ()


def _stream(stream: Stream) -> Mapping[str, Any]:
    return {words: getattr(stream, name) for words, name in _OF_STREAMS.items()}


def _entry(entry: CatalogueEvent | CatalogueKey) -> Mapping[str, Any]:
    category = {"Category": entry.category} if isinstance(entry, CatalogueKey) else {}
    return {
        "What it is": entry.description, "Who to ask": entry.owner, "Used for": sorted(entry.purposes), **category,
    }  # fmt: skip


WEBHOOK = edit_form(
    "webhook",
    find=lambda _request, webhook_id: get_object_or_404(Webhook, pk=webhook_id),
    values=_webhook,
    page=lambda webhook: reverse("admin:webhook", args=[webhook.pk]),
)
CONNECTION = edit_form(
    "connection",
    find=lambda _request, connection_id: get_object_or_404(Connection, pk=connection_id),
    values=_connection,
    page=lambda connection: reverse("admin:connection_edit", args=[connection.pk]),
    unkept=_secrets,
)
STREAM = edit_form(
    "stream",
    find=lambda _request, stream_id: get_object_or_404(Stream, pk=stream_id),
    values=_stream,
    page=lambda stream: reverse("admin:connection_stream_edit", args=[stream.pk]),
    saves=lambda posted: "look" not in posted,
    unkept=lambda _stream: ("looked",),
)
SOURCE_SIGNALS = edit_form(
    "source_signals",
    find=_source,
    values=_signals,
    page=lambda source: reverse("admin:source_consent", args=[source.pk]),
)
SOURCE_PURPOSES = edit_form(
    "source_purposes",
    find=_source,
    values=lambda source: {"May be used for": sorted(source.purposes)},
    page=_page_of,
)
SOURCE_PURPOSE = edit_form(
    "source_purpose", find=_source, values=lambda source: {"Collects for": source.purpose}, page=_page_of
)
SOURCE_VISITS = edit_form(
    "source_visits",
    find=_source,
    values=lambda source: {"A visit ends after (minutes)": source.visit_timeout},
    page=_page_of,
)
PLAN_POLICY = edit_form(
    "plan_policy",
    find=_plan,
    values=_policy,
    page=_plan_page,
    about="plan",
    by="source_id",
)
PLAN_EVENTS = edit_form(
    "plan_events", find=_plan, values=lambda plan: dict(plan[1].events), page=_plan_page, about="plan", by="source_id"
)  # fmt: skip
PLAN_PUBLISHED = edit_form(
    "plan_published",
    find=_plan,
    values=lambda plan: {**_policy(plan), **plan[1].events},
    page=_plan_page,
    about="plan",
    by="source_id",
)
PLAN_EVENT = edit_form(
    "plan_event",
    find=_drafted,
    values=lambda event: {} if event.schema is None else event.schema,
    page=_drafted_page,
    about="plan",
    by="source_id",
)
CATALOGUE_EVENT = edit_form(
    "catalogue_event",
    find=lambda _request, event_id: get_object_or_404(CatalogueEvent, pk=event_id),
    values=_entry,
    page=lambda entry: reverse("admin:catalogue_event", args=[entry.pk]),
)
CATALOGUE_KEY = edit_form(
    "catalogue_key",
    find=lambda _request, key_id: get_object_or_404(CatalogueKey, pk=key_id),
    values=_entry,
    page=lambda entry: reverse("admin:catalogue_key", args=[entry.pk]),
)
