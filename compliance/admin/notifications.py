"""Settings of notices: what reaches whom and how, and the mail server."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from compliance.access import actor_of, allows
from compliance.admin.edit_forms import ROLE_NOTICES
from compliance.domain.listing import roles
from compliance.enums import Channel, MailState, Operation
from compliance.models import Role
from compliance.notices import choosing, server, smtp
from compliance.wording import sentence
from streaming.editing import edits
from streaming.screens import render_screen

WAYS = {
    Channel.OFF: "Not at all",
    Channel.PRODUCT: "In the inbox",
    Channel.DIGEST: "Inbox, and a daily e-mail",
    Channel.EMAIL: "Inbox, and an e-mail at once",
}
_STATES = {
    MailState.SENT: "Sent",
    MailState.DUE: "Waiting",
    MailState.HANDING: "Being handed over",
    MailState.UNCONFIRMED: "May not have arrived",
    MailState.FAILED: "Not sent",
}
_ENVIRONMENT = """\
SMTP_HOST=mail.example.com
SMTP_FROM=Headwater <headwater@example.com>
SMTP_USER=headwater
SMTP_PASSWORD=…"""


def own(request: HttpRequest) -> HttpResponse:
    """What reaches me; who manages users sees the roles too."""
    actor, error = actor_of(request), ""
    if request.method == "POST":
        try:
            choosing.choose(actor, _wanted(request), email=request.POST.get("email", "").strip())
        except choosing.ChoiceError as wrong:
            error = sentence(wrong)
        else:
            messages.success(request, "Saved.")
            return redirect("admin:notifications")
    context = {
        "title": "Notifications",
        "choices": _told(choosing.own_choices(actor)),
        "ways": WAYS.items(),
        "email": request.POST.get("email", choosing.own_email(actor)),
        "error": error,
        "has_server": smtp.is_set_up(),
        "roles": list(roles()) if allows(actor, Operation.USERS_MANAGE) else [],
    }
    return render_screen(request, "compliance/notifications.html", context, status=400 if error else 200)


@edits(ROLE_NOTICES)
def of_role(request: HttpRequest, role_id: int) -> HttpResponse:
    """What reaches those who have a role."""
    role, actor = get_object_or_404(Role.objects.select_related("group"), pk=role_id), actor_of(request)
    if request.method == "POST":
        try:
            choosing.choose_for_role(actor, role, _wanted(request))
        except choosing.ChoiceError as wrong:
            messages.error(request, f"{wrong}.")
        else:
            messages.success(request, f"Saved, for whoever is {role} and did not choose otherwise.")
        return redirect("admin:notifications_role", role.pk)
    context = {
        "title": f"Notifications: {role}", "choices": _told(choosing.role_choices(role)), "ways": WAYS.items(), "role": role,
    }  # fmt: skip
    return render_screen(request, "compliance/notifications_role.html", context)


def mail(request: HttpRequest) -> HttpResponse:
    """The mail server."""
    found = server.state(actor_of(request), now=timezone.now())
    context = {
        "title": "E-mail",
        "server": found,
        "environment": _ENVIRONMENT,
        "counts": [(text, found.counts[state]) for state, text in _STATES.items()],
        "troubles": [(row, _STATES[MailState(row.state)]) for row in found.troubles],
    }
    return render_screen(request, "compliance/mail.html", context)


@require_POST
def mail_test(request: HttpRequest) -> HttpResponse:
    """Send a test to whoever asks; what goes wrong is said."""
    try:
        address = server.send_test(actor_of(request), now=timezone.now())
    except smtp.MailTrouble as trouble:
        messages.error(request, f"No e-mail went out: {trouble}.")
    else:
        messages.success(request, f"The server took an e-mail to {address}. Look whether it arrives.")
    return redirect("admin:mail")


def _wanted(request: HttpRequest) -> dict[str, str]:
    return {
        name.removeprefix("kind:"): str(value)
        for name, value in request.POST.items()
        if name.startswith("kind:")
    }


def _told(choices: list[choosing.Choice]) -> list[tuple[choosing.Choice, str]]:
    return [(each, WAYS[each.holds]) for each in choices]
