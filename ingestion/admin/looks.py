"""A page that looks at an event again and again: how long it waits, and what need not be recorded another time.

What was recorded comes back in the address of the next look, signed, so that nobody reads without a record by claiming it.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

from django.core import signing
from django.http import HttpRequest
from django.utils import timezone

PATIENCE = timedelta(minutes=1)
_SIGNER = signing.Signer(salt="ingestion.looks")


class Looks(NamedTuple):
    """Since when a member of staff has looked at an event, and of whom that is recorded; None before the first look."""

    user: int
    event: int
    began: datetime
    recorded: frozenset[UUID] | None = None

    @classmethod
    def of(cls, request: HttpRequest, event_id: int) -> Self:
        """What the address says; a first look where it says nothing, or nothing that holds for this user, event and time."""
        now, user = timezone.now(), request.user.pk or 0
        try:
            found = _SIGNER.unsign_object(request.GET.get("looks", ""))
        except (signing.BadSignature, ValueError):
            return cls(user, event_id, now)
        began = datetime.fromtimestamp(found["began"], UTC)
        if (found["user"], found["event"]) != (user, event_id) or now - began > 2 * PATIENCE:
            return cls(user, event_id, now)
        return cls(user, event_id, began, frozenset(UUID(each) for each in found["people"]))

    def written(self, people: Collection[UUID]) -> str:
        """For the address of the next look, when these people's reading is recorded."""
        return _SIGNER.sign_object(
            {
                "user": self.user,
                "event": self.event,
                "began": self.began.timestamp(),
                "people": sorted(map(str, people)),
            }
        )

    def pause(self, received: datetime | None) -> int | None:
        """How many seconds to wait before the next look: as long as was waited so far; None when it is time to stop."""
        now = timezone.now()
        waited = max(now - self.began, now - (received or now))
        return None if waited > PATIENCE else max(1, round(waited.total_seconds()))
