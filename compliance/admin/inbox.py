"""The inbox, and the bell in the header of every page."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from compliance.access import actor_of
from compliance.notices import inbox
from compliance.notices.inbox import Show, Snooze
from compliance.notices.kinds import kind_or_plain
from compliance.wording import sentence
from streaming.row_ids import row_id
from streaming.screens import render_part, render_screen

SHOWN = 50
_TABS = {Show.UNREAD: "Unread", Show.ALL: "All", Show.SNOOZED: "Snoozed"}
_SNOOZES = {
    Snooze.HOUR: "For an hour",
    Snooze.TOMORROW: "Until tomorrow, 8:00",
    Snooze.MONDAY: "Until Monday, 8:00",
}


def listing(request: HttpRequest) -> HttpResponse:
    """The notices of whoever looks."""
    asked, now = request.GET.get("show", ""), timezone.now()
    show = Show(asked) if asked in set(Show) else Show.UNREAD
    actor, before = actor_of(request), row_id(request.GET.get("before", ""))
    rows = inbox.listing(actor, show=show, now=now, before=before, limit=SHOWN + 1)
    context = {
        "title": "Inbox",
        "rows": [(row, kind_or_plain(row.notice.kind)) for row in rows[:SHOWN]],
        "next": rows[SHOWN - 1].pk if len(rows) > SHOWN else None,
        "first": before is None,
        "show": show,
        "tabs": _TABS.items(),
        "snoozes": _SNOOZES.items(),
        "unread": inbox.unread(actor, now=now),
        "now": now,
        "zone": settings.TIME_ZONE,
        "soonest": _typed(now + timedelta(minutes=1)),
        "latest": _typed(now + inbox.LONGEST - timedelta(minutes=1)),
    }
    return render_screen(request, "compliance/inbox.html", context)


def _typed(moment: datetime) -> str:
    """As a field for a moment wants it."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).strftime("%Y-%m-%dT%H:%M")


def bell(request: HttpRequest) -> HttpResponse:
    """The bell with the number of those that wait."""
    count = inbox.unread(actor_of(request), now=timezone.now())
    return render_part(request, "compliance/_bell.html", {"unread": count})


def opened(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Go where the notice leads; it is read then."""
    receipt = inbox.read(actor_of(request), receipt_id, now=timezone.now())
    if receipt is None or not url_has_allowed_host_and_scheme(receipt.notice.link, None):
        raise Http404("there is no such notice in your inbox")
    return redirect(receipt.notice.link)


@require_POST
def mark(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """Read, unread, or put away (`as`)."""
    actor, now, wanted = actor_of(request), timezone.now(), request.POST.get("as", "")
    if wanted in set(Snooze):
        inbox.snooze(actor, receipt_id, Snooze(wanted).until(now))
    elif wanted == "until":
        _snooze_until(request, receipt_id)
    elif wanted == "unread":
        inbox.leave_unread(actor, receipt_id)
    else:
        inbox.read(actor, receipt_id, now=now)
    return _back(request)


@require_POST
def mark_all(request: HttpRequest) -> HttpResponse:
    """Mark all that wait as read."""
    count = inbox.read_all(actor_of(request), now=timezone.now())
    messages.success(request, f"{count:,} marked as read." if count else "Nothing was unread.")
    return _back(request)


def _snooze_until(request: HttpRequest, receipt_id: int) -> None:
    try:
        moment = inbox.chosen_moment(request.POST.get("until", ""), timezone.now())
    except inbox.SnoozeError as wrong:
        messages.error(request, sentence(wrong))
    else:
        inbox.snooze(actor_of(request), receipt_id, moment)


def _back(request: HttpRequest) -> HttpResponse:
    show = request.POST.get("show", "")
    answer = redirect("admin:inbox")
    if show in set(Show):
        answer["Location"] += f"?show={show}"
    return answer
