"""Webhooks: the list, a new one, the page of one, and the preview of its mapping."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from compliance.access import actor_of
from ingestion.admin.addresses import typed
from ingestion.admin.webhook_form import choices, compiled, mapping_text, stored, wanted_of
from ingestion.domain.mappings.ready import ready_mappings
from ingestion.domain.webhooks.overview import overviews
from ingestion.domain.webhooks.recent import KEPT, preview
from ingestion.domain.webhooks.schemes import SCHEMES, Proof
from ingestion.domain.webhooks.setting_up import Wanted, WebhookError, create_webhook
from ingestion.models import Source, Webhook
from streaming.screens import render_part, render_screen


def listing(request: HttpRequest) -> HttpResponse:
    """All webhooks."""
    return render_screen(
        request, "ingestion/webhooks.html", {"title": "Webhooks", "overviews": overviews(actor_of(request))}
    )


def new(request: HttpRequest) -> HttpResponse:
    """Choose what to begin with, then make a webhook; what is wrong is said at the field."""
    if request.method == "POST":
        return _made(request)
    ready = ready_mappings().get(typed(request.GET, "begin", limit=40))
    if ready is None:
        context = {"title": "New webhook", "ready": list(ready_mappings().values())}
        return render_screen(request, "ingestion/webhook_begin.html", context)
    wanted = Wanted("", ready.scheme, ready.document, {}, ready.headers)
    return _form(request, wanted, {"about": ready.about})


def _made(request: HttpRequest) -> HttpResponse:
    wanted = wanted_of(request)
    try:
        webhook, secret = create_webhook(
            wanted=wanted, source=typed(request.POST, "source"), secret=typed(request.POST, "secret", limit=600),
            verify_token=typed(request.POST, "verify_token"), by=actor_of(request), now=timezone.now(),
        )  # fmt: skip
    except WebhookError as error:
        return _form(request, wanted, {"error": str(error), "error_field": error.field}, status=400)
    return show(request, webhook, {"shown_secret": secret})


def _form(
    request: HttpRequest, wanted: Wanted, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    sources = Source.objects.values_list("name", flat=True)
    filled = {
        "title": "New webhook", "sources": sources, "source": typed(request.POST, "source"),
        "verify_token": typed(request.POST, "verify_token"), **choices(wanted), **context,
    }  # fmt: skip
    return render_screen(request, "ingestion/webhook_new.html", filled, status=status)


def page(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """The page of one."""
    return show(request, get_object_or_404(Webhook, pk=webhook_id), {})


def show(
    request: HttpRequest,
    webhook: Webhook,
    context: dict[str, Any],
    wanted: Wanted | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of this webhook; with `wanted` its form shows what was typed and is not saved."""
    wanted = wanted or stored(webhook)
    scheme = SCHEMES.get(webhook.scheme)
    address = request.build_absolute_uri(f"/v1/hooks/{webhook.public_id}")
    filled = {
        "title": webhook.name, "webhook": webhook, "address": address,
        "former_holds": webhook.former_until is not None and timezone.now() < webhook.former_until,
        "scheme": scheme, "has_secret": scheme is not None and scheme.proof is not Proof.ADDRESS, "kept": KEPT,
        **choices(wanted), **_previewed(request, webhook, wanted.mapping), **context,
    }  # fmt: skip
    return render_screen(request, "ingestion/webhook.html", filled, status=status)


def preview_part(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """What the mapping that is typed makes of the last payloads."""
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    text = mapping_text(request) if request.method == "POST" else webhook.mapping
    return render_part(request, "ingestion/_webhook_preview.html", _previewed(request, webhook, text))


def _previewed(request: HttpRequest, webhook: Webhook, text: str) -> dict[str, Any]:
    mapping, problems = compiled(text)
    shown = preview(actor_of(request), webhook=webhook, mapping=mapping, now=timezone.now())
    return {"problems": problems, "previewed": shown, "webhook": webhook}
