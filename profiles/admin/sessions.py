"""The tab `Visits` of a person's page: each visit on a line."""

from dataclasses import dataclass
from uuid import UUID

from compliance.access import Actor
from compliance.domain.looking_up import roles_seeing
from compliance.enums import Category
from profiles.admin.panels import Content, Panel
from profiles.admin.values import listed
from profiles.domain.queries.sessions import Session, sessions
from profiles.domain.queries.tabs import listed as listed_of

_BEGUN = {"mark": "explicit start", "first_event": "its first event", "unknown": "start unknown"}
_ENDED = {"mark": "explicit end", "inactivity": "inactivity"}


@dataclass(frozen=True, slots=True)
class Line:
    """A visit as it is shown. `began` and `ended` say by what; empty when hidden, or while it goes on."""

    session: Session
    began: str
    ended: str

    @property
    def is_hidden(self) -> bool:
        """Whether the viewer may not see more than when and where."""
        return bool(self.session.masked)


def _line(session: Session) -> Line:
    return Line(session, _BEGUN.get(session.started_by or "", ""), _ENDED.get(session.ended_by or "", ""))


def _read(actor: Actor, profile_id: UUID, cursor: str | None) -> Content:
    found = listed_of(actor, profile_id, sessions, cursor=cursor)
    context = {
        "lines": [_line(each) for each in found.page.items],
        "behaviour_roles": listed(roles_seeing()[Category.BEHAVIOUR]),
    }
    return Content(found.person, context, found.page.next)


VISITS = Panel("visits", "Visits", 10, "profiles/sessions.html", _read, Category.BEHAVIOUR)
