"""Editing a dead letter and sending the copy back; the letter keeps its bytes."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from cdp_site.pipeline.letters import payload_denied, show_payload
from cdp_site.pipeline.written import MAX_BYTES, Unwritable, Written, read, write
from compliance.access import actor_of
from compliance.wording import sentence
from streaming.domain import dead_letters, edits
from streaming.domain.dead_letters import Payload, UnknownDeadLetter
from streaming.domain.edits import NothingEdited, NotOpen
from streaming.domain.payloads import PayloadDenied
from streaming.domain.returning import Unsendable
from streaming.domain.running import UnknownConsumer
from streaming.screens import render_screen


def edit(request: HttpRequest, letter_id: int) -> HttpResponse:
    """The form, and what is done with it; what is wrong is said at the field."""
    try:
        former = dead_letters.payload(letter_id, actor=actor_of(request))
    except UnknownDeadLetter as error:
        raise Http404(str(error)) from error
    except PayloadDenied:
        return payload_denied(request)
    parts = {"key": write(former.key), "value": write(former.value)}
    fault = ""
    if request.method == "POST":
        parts = {name: Written(part.form, request.POST.get(name, "")) for name, part in parts.items()}
        try:
            return _send(request, letter_id, former, parts)
        except (Unwritable, NothingEdited, NotOpen, Unsendable, UnknownConsumer) as wrong:
            fault = sentence(wrong)
    context = {
        "title": f"Edit dead letter {letter_id}",
        "letter": dead_letters.get(letter_id, actor=actor_of(request)),
        "parts": parts,
        "error": fault,
        "is_too_large": len(former.value or b"") > MAX_BYTES,
        "most": MAX_BYTES,
    }
    return render_screen(request, "streaming/dead_letter_edit.html", context, status=400 if fault else 200)


def _send(request: HttpRequest, letter_id: int, former: Payload, parts: dict[str, Written]) -> HttpResponse:
    key, value = parts["key"], parts["value"]
    actor = actor_of(request)
    edits.resubmit_edited(
        letter_id,
        key=read(key.form, key.text, former.key),
        value=read(value.form, value.text, former.value),
        actor=actor, by_name=actor.name, now=timezone.now(),
    )  # fmt: skip
    messages.success(
        request, "The edited copy was sent back to its consumer. The message as it was stays here."
    )
    return redirect("admin:dead_letter", letter_id=letter_id)


def edited(request: HttpRequest, edit_id: int) -> HttpResponse:
    """The bytes that were sent, for those who may see them."""
    try:
        return show_payload(request, edits.edit_payload(edit_id, actor=actor_of(request)))
    except UnknownDeadLetter as error:
        raise Http404(str(error)) from error
    except PayloadDenied:
        return payload_denied(request)
