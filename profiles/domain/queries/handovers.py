"""Which identifiers of a person were given to them, or by them to another."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from compliance.access import Actor, category_of_namespace
from compliance.audit import record_read
from profiles.domain.queries.masking import Mask, as_people_write
from profiles.domain.queries.people import Person
from profiles.enums import HandoverState
from profiles.models import Handover, Identifier

MOST = 50


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
    own = Identifier.objects.filter(profile_id=person.row)
    linked = Identifier.objects.filter(
        Q(evidence_from__b__in=own) | Q(evidence_to__a__in=own), profile__isnull=True
    )
    about = Q(former_id__in=own.values("id")) | Q(holder_id__in=own.values("id"))
    about |= Q(former_id__in=linked.values("id")) | Q(holder_id__in=linked.values("id"))
    rows = list(Handover.objects.filter(about, taken_back_at__isnull=True).order_by("-made_at")[:MOST])
    if not rows:
        return []
    ends = Identifier.objects.select_related("namespace", "profile").in_bulk(
        [end for each in rows for end in (each.former_id, each.holder_id)]
    )
    mask = Mask(actor)
    found = [_handed(each, ends[each.former_id], ends[each.holder_id], mask) for each in rows]
    record_read(actor, action="person.handovers", subjects=[person.id], categories=sorted(mask.seen))
    return found


def _handed(each: Handover, former: Identifier, holder: Identifier, mask: Mask) -> Handed:
    namespace = former.namespace
    value = None if mask.hides(category_of_namespace(namespace.key)) else each.value
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
