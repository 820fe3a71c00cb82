"""Why a person is one person, and why not more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.links import Link, links_of, with_events
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.permission import holder_for
from profiles.enums import EvidenceRule, EvidenceState
from profiles.models import Identifier, Profile

SHOWN = 500  # links of each kind


@dataclass(frozen=True, slots=True)
class Explanation:
    """The links around a person, the earliest first, of each kind so many as were asked for.

    `holding` join the identifiers; `refused` would join other people but break a rule; `proposed` are only mentioned
    in texts; `apart` are what staff said of other people; `attached` lead to values that join nobody (shared, group,
    household); `withdrawn` are void. `is_cut` says that there are more than are shown.
    """

    id: UUID
    holding: list[Link] = field(default_factory=list)
    refused: list[Link] = field(default_factory=list)
    proposed: list[Link] = field(default_factory=list)
    apart: list[Link] = field(default_factory=list)
    attached: list[Link] = field(default_factory=list)
    withdrawn: list[Link] = field(default_factory=list)
    is_cut: bool = False


def explain(actor: Actor, profile_id: UUID, *, most: int = SHOWN) -> Explanation:
    """What holds whoever has this id together, at most `most` links of each kind.

    Raises UnknownPerson, Gone, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    links = links_of(held.row, mask, most=most + 1)
    kinds = {name: [link for link in links if belongs(link)] for name, belongs in _KINDS.items()}
    told = with_events([link for kind in kinds.values() for link in kind[:most]], mask)
    shown = {name: [link for link in told if belongs(link)] for name, belongs in _KINDS.items()}
    others = _others([*shown["refused"], *shown["proposed"], *shown["apart"], *shown["withdrawn"]])
    record_read(
        actor, action="person.explain", subjects={held.id, *others}, categories=sorted(mask.seen)
    )  # fmt: skip
    is_cut = any(len(kind) > most for kind in kinds.values())
    return Explanation(held.id, **shown, is_cut=is_cut)


def _is_apart(link: Link) -> bool:
    return link.rule is EvidenceRule.KEEP_APART and link.state is not EvidenceState.WITHDRAWN


def _is(state: EvidenceState) -> Callable[[Link], bool]:
    return lambda link: link.state is state and not _is_apart(link)


_KINDS: dict[str, Callable[[Link], bool]] = {
    "holding": _is(EvidenceState.ACCEPTED),
    "refused": _is(EvidenceState.REFUSED),
    "proposed": _is(EvidenceState.PROPOSED),
    "apart": _is_apart,
    "attached": _is(EvidenceState.ATTACHED),
    "withdrawn": _is(EvidenceState.WITHDRAWN),
}


def _others(links: Iterable[Link]) -> list[UUID]:
    """The people on the far side of links: their identifiers are shown too."""
    nodes = {end.node for link in links for end in (link.a, link.b) if not end.is_own}
    rows = Identifier.objects.filter(id__in=nodes, profile_id__isnull=False).values_list("profile_id")
    return list(Profile.objects.filter(pk__in=rows).values_list("public_id", flat=True))
