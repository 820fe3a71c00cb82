"""What somebody can see and do, and why: a member of staff, oneself, or a program."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from compliance.access import actor_of
from compliance.admin.forms import NAMES, looks
from compliance.domain.approvals.kinds import WORDS
from compliance.domain.explaining import Explained, explain_token, explain_user
from compliance.enums import Category, Operation
from compliance.models import ApiToken, User
from compliance.wording import CATEGORIES, GROUPS_OF_OPERATIONS, OPERATIONS
from streaming.screens import render_screen


def own(request: HttpRequest) -> HttpResponse:
    """Of whoever looks."""
    user = get_object_or_404(User, pk=request.user.pk)
    return _page(request, explain_user(actor_of(request), user, now=timezone.now()), is_own=True)


def of_user(request: HttpRequest, user_id: int) -> HttpResponse:
    """Of a member of staff."""
    user = get_object_or_404(User, pk=user_id)
    return _page(
        request, explain_user(actor_of(request), user, now=timezone.now()), is_own=user.pk == request.user.pk
    )


def of_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Of a program."""
    token = get_object_or_404(ApiToken, pk=token_id)
    return _page(request, explain_token(actor_of(request), token, now=timezone.now()))


def _page(request: HttpRequest, found: Explained, *, is_own: bool = False) -> HttpResponse:
    given = {each.operation: each for each in found.operations}
    asked = request.GET.get("operation", "")
    context = {
        "title": "What you can see and do" if is_own else f"What {found.name} can see and do",
        "found": found,
        "groups": [
            (name, [(OPERATIONS[each], ", ".join(given[each].given_by)) for each in group if given[each].given_by])
            for name, group in GROUPS_OF_OPERATIONS.items()
        ],
        "forms": [
            {
                "name": CATEGORIES[each.category].partition(":")[0], "what": CATEGORIES[each.category].partition(": ")[2],
                "form": NAMES[each.form], "looks": looks(each.form, Category(each.category)),
                "by": ", ".join(each.decided_by),
            }
            for each in found.forms
        ],
        "purposes": [(key, ", ".join(by)) for key, by in found.purposes.items()],
        "sources": None
        if found.sources is None
        else [(each.name or f"source {each.source}", ", ".join(each.given_by)) for each in found.sources],
        "approvals": [WORDS[each] for each in WORDS if each in found.approvals],
        "operations": [(each.value, OPERATIONS[each]) for each in OPERATIONS],
        "asked": asked,
        "answer": given[Operation(asked)] if asked in set(Operation) else None,
    }  # fmt: skip
    return render_screen(request, "compliance/access.html", context)
