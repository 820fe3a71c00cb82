"""Sending back an edited copy of a dead letter: the letter and its bytes stay, and say what went in its place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from streaming.domain.dead_letters import Payload, UnknownDeadLetter
from streaming.domain.oversight import look, record_decision, require_decider
from streaming.domain.payloads import require_payload
from streaming.domain.publishing import publish
from streaming.domain.returning import content, original, require_fit, returned
from streaming.domain.running import consumer_names
from streaming.enums import DeadLetterState
from streaming.event_log import event_log
from streaming.models import DeadLetter, DeadLetterEdit
from streaming.runtime.discovery import own_topics


class NotOpen(ValueError):
    """Somebody has decided on the letter already."""


class NothingEdited(ValueError):
    """The copy is what the letter is."""


@dataclass(frozen=True, slots=True)
class EditRow:
    """An edit without its bytes."""

    id: int
    edited_at: datetime
    edited_by: str


def resubmit_edited(
    dead_letter_id: int, *, key: bytes | None, value: bytes | None, actor: Any, by_name: str, now: datetime
) -> int:
    """Send this in the place of an open letter to the consumer that refused it; returns the id of the edit.

    Edit, decision, trail and publication are one transaction. Raises UnknownDeadLetter, NotOpen, NothingEdited,
    Unsendable, UnknownConsumer, PayloadDenied, and what `oversight.require_decider` raises.
    """
    require_decider(actor)
    require_payload(actor, f"dead letter {dead_letter_id}", value)
    (consumer,) = consumer_names([_open(DeadLetter.objects, dead_letter_id).consumer])
    event_log().create_topics(own_topics(consumer))
    with transaction.atomic(durable=True):
        letter = _open(DeadLetter.objects.select_for_update(), dead_letter_id)
        former = original(letter)
        if (key, value) == (former.key, former.value):
            raise NothingEdited("nothing was changed: resubmit the letter as it is, or change it first")
        edit = DeadLetterEdit.objects.create(
            dead_letter=letter, key=key, value=value, edited_at=now, edited_by=by_name
        )
        record = returned(letter, edit)
        require_fit(dead_letter_id, record)
        letter.state, letter.decided_at, letter.decided_by = DeadLetterState.RESUBMITTED, now, by_name
        letter.save(update_fields=["state", "decided_at", "decided_by"])
        record_decision(
            actor, action="dead_letters.edit", target=f"dead letter {dead_letter_id}", detail={"edit": edit.pk}
        )  # fmt: skip
        publish([record], writer="dead_letters")
    return int(edit.pk)


def _open(letters: Any, dead_letter_id: int) -> DeadLetter:
    letter: DeadLetter | None = letters.filter(pk=dead_letter_id).first()
    if letter is None:
        raise UnknownDeadLetter(f"there is no dead letter {dead_letter_id}")
    if letter.state != DeadLetterState.OPEN:
        raise NotOpen(
            f"dead letter {dead_letter_id} is decided already: it is {letter.get_state_display().lower()}"
        )
    return letter


def edits_of(dead_letter_id: int, *, actor: Any) -> list[EditRow]:
    """What was sent in the letter's place, the newest first, without bytes."""
    found = DeadLetterEdit.objects.filter(dead_letter=dead_letter_id).order_by("-id")
    rows = [EditRow(*row) for row in found.values_list("id", "edited_at", "edited_by")]
    look(actor, action="dead_letters.edits", target=f"dead letter {dead_letter_id}", found=len(rows))
    return rows


def edit_payload(edit_id: int, *, actor: Any) -> Payload:
    """The bytes that were sent. Raises UnknownDeadLetter, and PayloadDenied unless the actor may see payloads."""
    edit = DeadLetterEdit.objects.select_related("dead_letter").filter(pk=edit_id).first()
    if edit is None:
        raise UnknownDeadLetter(f"there is no edit {edit_id}")
    value = content(edit.value)
    require_payload(actor, f"edit {edit_id} of dead letter {edit.dead_letter_id}", value)
    return Payload(content(edit.key), value, original(edit.dead_letter).headers)
