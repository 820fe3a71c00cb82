"""What one can do with a webhook: each is a POST and makes one domain call."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.secrets import SecretsUnreadable
from ingestion.admin.addresses import typed
from ingestion.admin.edit_forms import WEBHOOK
from ingestion.admin.webhook_form import wanted_of
from ingestion.admin.webhooks import show
from ingestion.domain.webhooks.setting_up import WebhookError, change_webhook, rotate_secret, set_enabled
from ingestion.models import Webhook
from streaming.editing import edits


@edits(WEBHOOK)
@require_POST
def save(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Change what the form says; what is wrong is said on the page, with what was typed."""
    webhook, wanted = get_object_or_404(Webhook, pk=webhook_id), wanted_of(request)
    try:
        change_webhook(webhook=webhook, wanted=wanted, by=actor_of(request))
    except (WebhookError, SecretsUnreadable) as error:
        wrong = {"error": str(error), "error_field": getattr(error, "field", "secret")}
        return show(request, webhook, wrong, wanted, status=400)
    messages.success(request, "Saved: what arrives from now on is mapped so.")
    return redirect("admin:webhook", webhook_id=webhook.pk)


@require_POST
def rotate(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Give it another secret, which the answer shows this once."""
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    hours = typed(request.POST, "hours", limit=4)
    try:
        secret = rotate_secret(
            webhook=webhook, secret=typed(request.POST, "secret", limit=600),
            overlap=timedelta(hours=int(hours) if hours.isdecimal() else 0), by=actor_of(request), now=timezone.now(),
        )  # fmt: skip
    except (WebhookError, SecretsUnreadable) as error:
        wrong = {"error": str(error), "error_field": getattr(error, "field", "secret")}
        return show(request, webhook, wrong, status=400)
    return show(request, webhook, {"shown_secret": secret})


@require_POST
def disable(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Stop taking payloads."""
    return _set(request, webhook_id, enabled=False)


@require_POST
def enable(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Take payloads again."""
    return _set(request, webhook_id, enabled=True)


def _set(request: HttpRequest, webhook_id: int, *, enabled: bool) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    set_enabled(webhook=webhook, enabled=enabled, by=actor_of(request), now=timezone.now())
    said = (
        "is enabled: what is sent to it is taken again."
        if enabled
        else "is disabled: senders are answered 404."
    )
    messages.success(request, f"{webhook.name} {said}")
    return redirect("admin:webhook", webhook_id=webhook.pk)
