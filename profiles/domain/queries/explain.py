"""Why a person is one person, and why not more."""

from dataclasses import dataclass, field
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.finding import holder_of
from profiles.domain.queries.links import MAX_LINKS, Link, links_of
from profiles.domain.queries.masking import Mask
from profiles.enums import EvidenceState
from profiles.models import Identifier, Profile

SHOWN = 500  # links of each kind


@dataclass(frozen=True, slots=True)
class Explanation:
    """The links around a person, the earliest first, at most SHOWN of each kind.

    `holding` join the identifiers; `refused` would join other people but break a rule; `attached` lead to values
    that join nobody (shared, group, household). `is_cut` says that there are more than are shown.
    """

    id: UUID
    holding: list[Link] = field(default_factory=list)
    refused: list[Link] = field(default_factory=list)
    attached: list[Link] = field(default_factory=list)
    is_cut: bool = False


def explain(actor: Actor, profile_id: UUID) -> Explanation:
    """What holds whoever has this id together. Raises UnknownPerson, Gone, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_of(profile_id), Mask(actor)
    links = links_of(held.row, mask)
    holding, refused, attached = (
        [link for link in links if link.state is state]
        for state in (EvidenceState.ACCEPTED, EvidenceState.REFUSED, EvidenceState.ATTACHED)
    )
    record_read(
        actor,
        action="person.explain",
        subjects={held.id, *_others(refused)},
        categories=sorted(mask.seen),
    )
    return Explanation(
        held.id,
        holding[:SHOWN],
        refused[:SHOWN],
        attached[:SHOWN],
        is_cut=len(links) >= MAX_LINKS or max(len(holding), len(refused), len(attached)) > SHOWN,
    )


def _others(refused: list[Link]) -> list[UUID]:
    """The people on the far side of refused links: their identifiers are shown too."""
    nodes = {end.node for link in refused[:SHOWN] for end in (link.a, link.b) if not end.is_own}
    rows = Identifier.objects.filter(id__in=nodes, profile_id__isnull=False).values_list("profile_id")
    return list(Profile.objects.filter(pk__in=rows).values_list("public_id", flat=True))
