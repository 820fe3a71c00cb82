"""Recording what a person declares to a member of staff, from the tab `Consents` of their page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from profiles.admin.person import of_a_person
from profiles.domain import declaring
from profiles.domain.declarable import (
    MOST_PROOF,
    MOST_REASON,
    MOST_VERSION,
    Declared,
    UnusableDeclaration,
)
from profiles.enums import DeclarationKind

MOST_PURPOSE = 40
# What the buttons say: what is declared, whether it holds, and what is told afterwards.
_SAY = {
    "give": (DeclarationKind.CONSENT, True, "Recorded: they consent."),
    "take_back": (DeclarationKind.CONSENT, True, "Recorded: they no longer refuse."),
    "withdraw": (DeclarationKind.CONSENT, False, "Recorded: they refuse. From now on it counts."),
    "object": (DeclarationKind.OBJECTION, True, "Recorded: they object. From now on it counts."),
    "lift_objection": (DeclarationKind.OBJECTION, False, "Lifted: they no longer object."),
    "restrict": (DeclarationKind.RESTRICTION, True, "Restricted: their data are stored and not used."),
    "lift_restriction": (DeclarationKind.RESTRICTION, False, "Lifted: their data may be used again."),
}
_NEED_A_REASON = {"restrict", "lift_restriction"}


@require_POST
@of_a_person
def declare(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Keep what a button says; back on the tab it is told, or why it was not kept."""
    say = request.POST.get("say", "")
    if say not in _SAY:
        messages.error(request, "Nothing was recorded: choose what they say.")
    elif say in _NEED_A_REASON and not _text(request, "reason", MOST_REASON):
        messages.error(request, "Nothing was recorded: say why, it is all that tells so later.")
    else:
        _declare(request, profile_id, say)
    return redirect("admin:person_panel", profile_id=profile_id, key="consents")


def _declare(request: HttpRequest, profile_id: UUID, say: str) -> None:
    kind, holds, told = _SAY[say]
    now = timezone.now()
    declared = Declared(
        kind,
        _text(request, "purpose", MOST_PURPOSE),
        holds,
        said_at=now,
        text_version=_text(request, "text_version", MOST_VERSION),
        reason=_text(request, "reason", MOST_REASON),
        proof=_text(request, "proof", MOST_PROOF),
    )
    try:
        declaring.declare(actor_of(request), profile_id, declared, now=now)
    except UnusableDeclaration as error:
        messages.error(request, f"Nothing was recorded: {error}.")
    else:
        messages.success(request, told)


def _text(request: HttpRequest, name: str, most: int) -> str:
    return request.POST.get(name, "").replace("\0", "").encode("utf-8", "replace").decode().strip()[:most]
