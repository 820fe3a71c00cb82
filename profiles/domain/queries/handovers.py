"""Which identifiers of a person were given to them, or by them to another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from compliance.access import Actor, category_of_namespace
from compliance.audit import record_read
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.of_sources import identifiers_among
from profiles.domain.queries.shown import Person
from profiles.enums import HandoverState
from profiles.models import Handover, Identifier
from streaming.database import fetch

MOST = 50
# Who has many identifiers has as many looks into the evidence, by index; nothing is read of anybody else.
_AROUND = """
WITH own AS MATERIALIZED (SELECT id FROM profiles_identifier WHERE profile_id = %(row)s),
touched AS MATERIALIZED (
    SELECT id FROM own
    UNION
    SELECT e.b_id FROM own CROSS JOIN LATERAL (SELECT b_id FROM profiles_evidence WHERE a_id = own.id OFFSET 0) e
    UNION
    SELECT e.a_id FROM own CROSS JOIN LATERAL (SELECT a_id FROM profiles_evidence WHERE b_id = own.id OFFSET 0) e
)
SELECT h.id FROM profiles_handover h
WHERE (h.former_id = ANY(ARRAY(SELECT id FROM touched)) OR h.holder_id = ANY(ARRAY(SELECT id FROM touched)))
    AND h.taken_back_at IS NULL AND EXISTS (
        SELECT FROM profiles_identifier i WHERE i.id IN (h.former_id, h.holder_id) AND i.id IN (SELECT id FROM touched)
            AND (i.profile_id = %(row)s OR i.profile_id IS NULL)
    )
ORDER BY h.made_at DESC, h.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """One handover: from `day` on the value is that of `holder` (an id; None: nobody's yet), before of `former`.

    `name` is what staff call its namespace; `written` is None when it is masked. While `is_following`, facts that were
    stored before are still being given on.
    """

    id: int
    name: str
    namespace: str
    written: str | None
    day: date
    former: UUID | None
    holder: UUID | None
    is_following: bool
    by: str
    at: datetime
    why: str


def handovers_around(actor: Actor, person: Person) -> list[Handed]:
    """Those that touch what this person has or is linked with, the latest first; no more than MOST."""
    ids = [number for (number,) in fetch(_AROUND, {"row": person.row, "most": MOST})]
    rows = sorted(Handover.objects.filter(pk__in=ids), key=lambda each: ids.index(each.pk)) if ids else []
    if not rows:
        return []
    ends = Identifier.objects.select_related("namespace", "profile").in_bulk(
        [end for each in rows for end in (each.former_id, each.holder_id)]
    )
    mask = Mask(actor)
    known = identifiers_among(actor, list(ends))
    found = [
        _handed(each, ends[each.former_id], ends[each.holder_id], mask)
        for each in rows
        if known & {each.former_id, each.holder_id}
        and not mask.omits_identifier(ends[each.former_id].namespace.key)
    ]
    record_read(actor, action="person.handovers", subjects=[person.id], categories=sorted(mask.seen))
    return found


def _handed(each: Handover, former: Identifier, holder: Identifier, mask: Mask) -> Handed:
    namespace = former.namespace
    value = mask.value(category_of_namespace(namespace.key), each.value)
    return Handed(
        id=each.pk,
        name=namespace.name,
        namespace=namespace.key,
        written=as_people_write(namespace.normaliser, value),
        day=each.day,
        former=former.profile.public_id if former.profile else None,
        holder=holder.profile.public_id if holder.profile else None,
        is_following=each.state == HandoverState.FOLLOWING,
        by=each.made_by,
        at=each.made_at,
        why=each.why,
    )
