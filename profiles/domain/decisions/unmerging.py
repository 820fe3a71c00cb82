"""Withdrawing links: the person becomes who they are without them, and stays so."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from compliance.access import Actor
from profiles.domain.decisions import evidence, people, remaining
from profiles.domain.decisions.deciding import Deciding, decided
from profiles.domain.decisions.evidence import Pair, StoredLink
from profiles.domain.decisions.outcome import AlreadyDecided, Decided, Undecidable, UnknownLink
from profiles.domain.queries.finding import holder_of
from profiles.enums import EvidenceRule, EvidenceState

MOST_AT_ONCE = 100


def withdraw(actor: Actor, profile_id: UUID, links: Sequence[int], *, why: str, now: datetime) -> Decided:
    """Make these links of a person void, by the ids of their evidence, whatever source or import said the same.

    Where that takes two identifiers apart, they are kept apart from then on: the same link from another source, or
    found in a text, is refused. Where something else still holds them together nothing is kept apart, and the answer
    says what. Withdrawing a decision undoes it. Raises AlreadyDecided, UnknownLink, Undecidable, UnknownPerson, Gone,
    AccessDenied, Busy.
    """
    ids = set(links)
    return decided(actor, lambda deciding: _withdraw(deciding, profile_id, ids), why=why, now=now)


def withdrawable(profile_id: UUID, ids: set[int]) -> list[StoredLink]:
    """These links of the person. Raises AlreadyDecided, UnknownLink, Undecidable, UnknownPerson, Gone."""
    if not 1 <= len(ids) <= MOST_AT_ONCE:
        raise Undecidable(f"Name 1 to {MOST_AT_ONCE} links to withdraw.")
    row = holder_of(profile_id).row
    named = evidence.links_numbered(ids)
    if len(named) < len(ids) or any(row not in link.rows for link in named):
        raise UnknownLink
    if all(link.is_withdrawn for link in named):
        raise AlreadyDecided("This was withdrawn already. Open the page again to see how things are now.")
    return named


def _withdraw(deciding: Deciding, profile_id: UUID, ids: set[int]) -> Decided:
    named = withdrawable(profile_id, ids)
    deciding.lock(set().union(*(link.rows for link in named)))
    named = withdrawable(profile_id, ids)
    deciding.check(set().union(*(link.rows for link in named)))
    chosen = [link for link in evidence.links_between({link.pair for link in named}) if _goes(link, ids)]
    found = take_apart(deciding, chosen)
    deciding.record(
        "identity.withdraw",
        target=f"profile:{profile_id}",
        detail={"evidence": sorted(link.id for link in chosen)},
    )
    return found


def _goes(link: StoredLink, ids: set[int]) -> bool:
    """Whatever says that the two belong together goes; that they do not, only when it was named itself."""
    return not link.is_withdrawn and (link.rule is not EvidenceRule.KEEP_APART or link.id in ids)


def take_apart(deciding: Deciding, chosen: Collection[StoredLink]) -> Decided:
    """Withdraw these links, decide anew, and keep apart what that took apart."""
    ends = {end for link in chosen for end in link.pair}
    before = people.holders(ends)
    deciding.void(chosen)
    deciding.reconsider(ends)
    after = people.holders(ends)
    joined = {link.pair for link in chosen if link.rule is not EvidenceRule.KEEP_APART}
    if deciding.deferred:
        apart = {pair for pair in deciding.parted(joined) if not _were_two(pair, before)}
    else:
        apart = {pair for pair in joined if not _were_two(pair, before) and _were_two(pair, after)}
    apart |= {link.pair for link in chosen if _only_attached(link, after)}
    if apart:
        deciding.add(EvidenceRule.KEEP_APART, apart)
        deciding.reconsider(ends)
    still = sorted(pair for pair in joined if pair[0] in after and after[pair[0]] == after.get(pair[1]))
    because = remaining.chain(*still[0]) if still and not deciding.deferred else []
    return deciding.outcome(ends, because)


def _only_attached(link: StoredLink, held: Mapping[int, int]) -> bool:
    """Whether it made somebody belong to a group, a household or a shared value, which nobody has."""
    return link.state is EvidenceState.ATTACHED and not (link.a in held and link.b in held)


def _were_two(pair: Pair, held: Mapping[int, int]) -> bool:
    """Whether two people had them; what nobody has (shared, group, household) is not told apart."""
    a, b = pair
    return a in held and b in held and held[a] != held[b]
