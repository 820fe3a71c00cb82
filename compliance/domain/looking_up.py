"""What the screens ask of control: which roles may see or do something, and who looked at whom."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from compliance.access import require
from compliance.actors import Actor
from compliance.audit import record_read
from compliance.domain.trail.rows import TrailRow, Wanted, page_of_trail
from compliance.enums import Category, Operation
from compliance.forms import Form
from compliance.identifiers import pseudonym
from compliance.models import Role

__all__ = ["MAX_PAGE", "TrailRow", "entries_about", "roles_allowing", "roles_seeing"]

MAX_PAGE = 500


def roles_seeing() -> Mapping[Category, list[str]]:
    """The names of the roles that see each category clear."""
    roles = [(role.group.name, role.forms) for role in Role.objects.select_related("group")]
    return {
        category: [name for name, forms in roles if forms.of(category) is Form.CLEAR] for category in Category
    }


def roles_allowing(operation: Operation) -> list[str]:
    """The names of the roles that may do this."""
    roles = Role.objects.select_related("group")
    return [role.group.name for role in roles if operation in role.allowed_operations]


def entries_about(
    actor: Actor, subjects: Iterable[str | UUID], *, before: int | None = None, limit: int = 50
) -> list[TrailRow]:
    """The audit rows that concern any of these people (ids of profiles), newest first; `before` is an id of a row.

    To read the trail is a read of its own, and recorded. Raises AccessDenied.
    """
    require(actor, Operation.AUDIT_VIEW)
    asked = list(subjects)
    wanted = Wanted(subjects=tuple(pseudonym(subject) for subject in asked))
    found = page_of_trail(wanted, before=before, limit=min(limit, MAX_PAGE)).rows
    record_read(actor, action="audit.read", subjects=asked[:1], detail={"rows": len(found)})
    return found
