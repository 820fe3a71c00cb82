"""Searching the audit trail: who accessed what of a person, and what a member of staff saw. Searching it is kept in it."""

from dataclasses import dataclass, fields, replace
from typing import Any

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain.trail.rows import Criteria, TrailPage, Wanted, page_of_trail
from compliance.enums import Operation
from compliance.identifiers import pseudonym
from compliance.subjects import subjects_of

MAX_PAGE = 500
LONGEST_PERSON = 600
YEARS = range(1970, 3000)  # of which anything can be wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Criteria):
    """What is searched for. `person` is an id that somebody has or had, or an identifier as `namespace:value`."""

    person: str = ""

    def told(self) -> dict[str, Any]:
        """As it is kept in the trail: without who the person is, who stands in the row as a pseudonym."""
        criteria = {
            "by": self.by, "action": self.action, "category": self.category, "purpose": self.purpose,
            "since": self.since and self.since.isoformat(), "until": self.until and self.until.isoformat(),
            "of_a_person": bool(self.person),
        }  # fmt: skip
        return {name: value for name, value in criteria.items() if value}


def search_trail(actor: Actor, search: Search, *, before: int | None = None, limit: int = 50) -> TrailPage:
    """The rows, newest first; recorded like every read of the trail. Raises AccessDenied."""
    require(actor, Operation.AUDIT_VIEW)
    wanted, subjects = wanted_rows(actor, search)
    found = page_of_trail(wanted, before=before, limit=min(limit, MAX_PAGE))
    detail = {**search.told(), "rows": len(found.rows)}
    record_read(actor, action="audit.read", subjects=subjects[:1], detail=detail)
    return found


def wanted_rows(actor: Actor, search: Search) -> tuple[Wanted, list[str]]:
    """What to look for, and the ids of the person searched for, if one is."""
    wanted = Wanted(**{each.name: getattr(search, each.name) for each in fields(Criteria)})
    person = " ".join(search.person.split())[:LONGEST_PERSON]
    if not person:
        return wanted, []
    subjects = subjects_of(actor, person)
    return replace(wanted, subjects=tuple(pseudonym(each) for each in subjects)), subjects[
        1:
    ] or subjects or [person]
