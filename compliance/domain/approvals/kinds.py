"""What can take a second person, and how far a request is."""

from datetime import timedelta
from enum import StrEnum

WAITS = timedelta(hours=72)
USABLE = timedelta(hours=24)
MOST_WHY = 400


class ApprovalKind(StrEnum):
    """What can take a second person."""

    EXPORT_PERSON = "person.export"
    EXPORT_TRAIL = "audit.export"
    CHANGE_ROLE = "role.change"
    GIVE_ROLES = "user.roles"
    MAKE_TOKEN = "token.create"  # noqa: S105 -- a kind of request, no secret
    POLICY = "approvals.policy"  # asked for as soon as anything else is

    @property
    def is_used_by_asker(self) -> bool:
        """Whether the asker does it once it is approved; else approving does it."""
        return self in {ApprovalKind.EXPORT_PERSON, ApprovalKind.EXPORT_TRAIL, ApprovalKind.MAKE_TOKEN}


CHOSEN = tuple(each for each in ApprovalKind if each is not ApprovalKind.POLICY)
WORDS = {
    ApprovalKind.EXPORT_PERSON: "Export of a person",
    ApprovalKind.EXPORT_TRAIL: "Export of the audit trail",
    ApprovalKind.CHANGE_ROLE: "Change of a role",
    ApprovalKind.GIVE_ROLES: "Change of who has which role",
    ApprovalKind.MAKE_TOKEN: "New API token",
    ApprovalKind.POLICY: "Change of what takes a second person",
}


class State(StrEnum):
    """How far a request is."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    DONE = "done"
