"""API tokens: what programs present instead of a password. A secret is shown once, in the answer that makes it."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.admin.trail import row_id
from compliance.admin.words import CATEGORIES, OPERATIONS
from compliance.consent import UnknownPurpose
from compliance.domain.listing import purposes
from compliance.domain.listing import tokens as all_tokens
from compliance.domain.tokens import TokenError, create_token, revoke_token
from compliance.models import ApiToken
from streaming.screens import render_screen

SHOWN = 50
DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Never"}


def listing(request: HttpRequest) -> HttpResponse:
    """All of them, newest first."""
    before = row_id(request.GET.get("before", ""))
    found = all_tokens(actor_of(request), before=before, limit=SHOWN + 1)
    context = {
        "title": "API tokens",
        "tokens": [_told(token) for token in found[:SHOWN]],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "first": before is None,
    }
    return render_screen(request, "compliance/tokens.html", context)


def _told(token: ApiToken) -> dict[str, object]:
    expired = token.expires_at is not None and token.expires_at <= timezone.now()
    return {
        "row": token,
        "operations": [text for operation, text in OPERATIONS.items() if operation in token.operations],
        "state": "Revoked" if token.revoked_at else "Expired" if expired else "Active",
    }


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Make one; the page that answers shows its secret, and no page does so again."""
    error = ""
    if request.method == "POST":
        try:
            token, secret = _made(request)
        except (TokenError, UnknownPurpose) as wrong:
            error = f"{str(wrong)[:1].upper()}{str(wrong)[1:]}."
        else:
            return render_screen(
                request, "compliance/token_made.html", {"title": token.name, "token": token, "secret": secret}
            )
    context = {
        "title": "New API token",
        "error": error,
        "name": request.POST.get("name", ""),
        "operations": [(key.value, text) for key, text in OPERATIONS.items()],
        "scopes": request.POST.getlist("scope"),
        "categories": [(key.value, text) for key, text in CATEGORIES.items()],
        "seen": request.POST.getlist("category") or [key.value for key in CATEGORIES if not key.is_sensitive],
        "purposes": purposes(),
        "purpose": request.POST.get("purpose", ""),
        "days": DAYS,
        "chosen_days": request.POST.get("days", "365"),
    }
    return render_screen(request, "compliance/token_new.html", context, status=400 if error else 200)


def _made(request: HttpRequest) -> tuple[ApiToken, str]:
    now, days = timezone.now(), request.POST.get("days", "")
    return create_token(
        name=request.POST.get("name", ""), scopes=request.POST.getlist("scope"),
        categories=request.POST.getlist("category"), purpose=request.POST.get("purpose", ""), by=actor_of(request),
        now=now, expires_at=now + timedelta(days=int(days)) if days and days in DAYS else None,
    )  # fmt: skip


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Refuse it from the next request on."""
    token = get_object_or_404(ApiToken, pk=token_id)
    revoke_token(token=token, by=actor_of(request), now=timezone.now())
    messages.success(request, f"{token.name} is revoked: requests with it are answered 401 from now on.")
    return redirect("admin:tokens")
