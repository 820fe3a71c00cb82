"""Dead letters: the list by what went wrong, and the page of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cdp_site.pipeline.contents import content_of
from cdp_site.pipeline.refused import LetterFilter, letter_list
from compliance.access import actor_of
from compliance.domain.looking_up import roles_allowing
from compliance.enums import Operation
from streaming.contracts.events import UndecodableEvent, decode_event
from streaming.domain import dead_letters, edits
from streaming.domain.dead_letters import Payload, UnknownDeadLetter
from streaming.domain.payloads import PayloadDenied
from streaming.enums import DeadLetterState
from streaming.registry import registered_consumers
from streaming.row_ids import row_id
from streaming.screens import render_part, render_screen

SHOWN = 50


def listing(request: HttpRequest) -> HttpResponse:
    """Those that are open, unless the address says otherwise."""
    filters, before = filters_of(request), row_id(request.GET.get("before"))
    found = letter_list(actor_of(request), filters, before=before, size=SHOWN)
    context = {
        "title": "Dead letters",
        "found": found,
        "filters": filters,
        "state": filters.state or "all",
        "states": [*DeadLetterState.choices, ("all", "All")],
        "consumers": list(registered_consumers()),
        "open": sum(dead_letters.counts().values()),
        "next": found.next,
        "first": before is None,
        "may_decide": filters.state == DeadLetterState.OPEN,
    }
    return render_screen(request, "streaming/dead_letters.html", context)


def letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One: where it stood, why it was refused, what became of it."""
    try:
        row = dead_letters.get(letter_id, actor=actor_of(request))
    except UnknownDeadLetter as error:
        raise Http404(str(error)) from error
    context = {
        "title": f"Dead letter {row.id}",
        "letter": row,
        "hides_reason": row.reason is None,
        "edits": edits.edits_of(letter_id, actor=actor_of(request)),
    }
    return render_screen(request, "streaming/dead_letter.html", context)


def payload(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Its bytes, for those who may see them; the look, or its denial, is in the audit trail."""
    try:
        found = dead_letters.payload(letter_id, actor=actor_of(request))
    except UnknownDeadLetter as error:
        raise Http404(str(error)) from error
    except PayloadDenied:
        return payload_denied(request)
    return show_payload(request, found)


def payload_denied(request: HttpRequest) -> HttpResponse:
    """Who may look."""
    return render(
        request, "streaming/_payload_denied.html", {"roles": roles_allowing(Operation.PAYLOADS_VIEW)}
    )


def show_payload(request: HttpRequest, found: Payload) -> HttpResponse:
    """Bytes, as people can read them."""
    context = {
        "parts": [("Key", content_of(found.key)), ("Value", content_of(found.value))],
        "headers": [(name, content_of(content)) for name, content in found.headers],
        "message_id": _message_in(found.value),
    }
    return render_part(request, "streaming/_payload.html", context)


def _message_in(value: bytes | None) -> str:
    """The message id of an event, which leads to its trace; nothing where there is none fit for an address."""
    try:
        event = decode_event(value)
    except UndecodableEvent:
        return ""
    message_id: object = event.get("message_id")
    return message_id if isinstance(message_id, str) and "@" not in message_id else ""


def filters_of(request: HttpRequest) -> LetterFilter:
    """What the address asks for."""
    state = request.GET.get("state") or DeadLetterState.OPEN.value
    return LetterFilter(
        consumer=request.GET.get("consumer", "")[:200] or None,
        like=row_id(request.GET.get("like")),
        state=state if state in DeadLetterState.values else None,
    )
