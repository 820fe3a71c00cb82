"""Who is behind events that just arrived, by the ids that the events carry."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from compliance.access import Actor, category_of_trait, masked, require
from compliance.audit import record_read
from compliance.enums import Operation
from compliance.identifiers import normalise
from profiles.domain.names import name_of
from profiles.domain.namespaces import rules
from profiles.identity.rules import Rules
from profiles.models import Identifier


class ArrivedIds(NamedTuple):
    """The ids that an event carries; None where it has none."""

    user_id: str | None
    anonymous_id: str | None


class Behind(NamedTuple):
    """The person behind an event: the live id, and a name as far as the actor may see one."""

    id: UUID
    name: str


def people_behind(actor: Actor, arrived: Collection[ArrivedIds]) -> Mapping[ArrivedIds, Behind]:
    """Who has each of these ids now; those that nobody has yet are absent. Two queries. Raises AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    now = rules()
    wanted = {ids: key for ids in arrived if (key := _identifier(ids, now))}
    rows = Identifier.objects.filter(
        namespace_id__in={namespace for namespace, _ in wanted.values()},
        value__in={value for _, value in wanted.values()},
        profile__isnull=False,
    ).select_related("profile")
    may_name = not masked(actor, category_of_trait("name"))
    known = {
        (row.namespace_id, row.value): Behind(
            row.profile.public_id, name_of(row.profile.traits) if may_name else ""
        )
        for row in rows
        if row.profile is not None
    }
    found = {ids: known[key] for ids, key in wanted.items() if key in known}
    if found:
        record_read(actor, action="people.behind_events", subjects={each.id for each in found.values()})
    return found


def _identifier(ids: ArrivedIds, now: Rules) -> tuple[int, str] | None:
    """The identifier that the event's facts live with: its user id if that is usable, else its anonymous id."""
    for key, value in (("user_id", ids.user_id), ("anonymous_id", ids.anonymous_id)):
        rule = now.by_key[key]
        normal = normalise(rule.normaliser, value) if value else None
        if normal and not rule.blocks(normal):
            return rule.id, normal
    return None
