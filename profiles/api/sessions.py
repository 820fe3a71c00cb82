"""The visits of a person."""

from typing import Any

from rest_framework.serializers import (
    CharField,
    ChoiceField,
    DateTimeField,
    FloatField,
    IntegerField,
    ListField,
    UUIDField,
)

from profiles.api.pages import records_view
from profiles.domain.queries.sessions import Session, sessions
from streaming.api.schemas import shape

_HIDDEN = "null when the token may not see it"

SESSION = shape(
    "Session",
    "A visit: events of one source that belong together.",
    id=UUIDField(),
    source=CharField(),
    source_id=IntegerField(),
    state=ChoiceField(["open", "ended"], help_text="open while further events may belong to it"),
    started_at=DateTimeField(),
    ended_at=DateTimeField(allow_null=True, help_text="the time of its last event; null while it is open"),
    last_event_at=DateTimeField(),
    duration=FloatField(help_text="seconds from its first event to its last"),
    started_by=ChoiceField(
        ["mark", "first_event", "unknown"],
        allow_null=True,
        help_text="mark: an explicit start; unknown: only its end is known",
    ),
    ended_by=ChoiceField(["mark", "inactivity"], allow_null=True),
    events=IntegerField(allow_null=True, help_text=_HIDDEN),
    pages=IntegerField(allow_null=True, help_text="pages and screens; null when the token may not see it"),
    entry_page=CharField(allow_null=True),
    exit_page=CharField(allow_null=True),
    session_id=CharField(allow_null=True, help_text="the id that the SDK gave it, if it gave one"),
    masked=ListField(child=CharField(), help_text="names of what the token may not see"),
)


def _document(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "source": session.source,
        "source_id": session.source_id,
        "state": "ended" if session.is_ended else "open",
        "started_at": session.started_at,
        "ended_at": session.last_event_at if session.is_ended else None,
        "last_event_at": session.last_event_at,
        "duration": session.duration.total_seconds(),
        "started_by": session.started_by,
        "ended_by": session.ended_by,
        "events": session.events,
        "pages": session.pages,
        "entry_page": session.entry_page,
        "exit_page": session.exit_page,
        "session_id": session.session_id,
        "masked": session.masked,
    }


SessionsView = records_view(
    "sessions",
    "List the visits of a person, the newest first.",
    listing=sessions,
    document=_document,
    item=SESSION,
)
