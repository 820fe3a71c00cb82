"""What a person does on social networks: one record per network, of all their anchors."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require, require_shown
from compliance.audit import record_read
from compliance.enums import Category, Operation
from compliance.sources import require_all_sources
from profiles.builder.binary import as_time
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.paging import Page, bounded, page_of, read_cursor
from profiles.domain.queries.permission import holder_for
from profiles.social.account import Account, Totals
from profiles.social.actions import Kind
from profiles.social.joining import join
from profiles.social.networks import network_label
from profiles.social.storing import stored_account
from streaming.database import fetch

_LISTING = "profiles.social"
_NETWORKS = """
SELECT DISTINCT s.network FROM profiles_anchor a JOIN profiles_social_account s ON s.anchor = a.birth_id
WHERE a.profile_id = %(row)s AND {condition} ORDER BY s.network {direction} LIMIT %(limit)s
"""
_ACCOUNTS = """
SELECT s.anchor::text, s.network, s.handle::text, s.followers::text, s.totals::text
FROM profiles_anchor a JOIN profiles_social_account s ON s.anchor = a.birth_id
WHERE a.profile_id = %s AND s.network = ANY(%s) AND s.totals IS NOT NULL
"""
# Somebody may like on one device and take it back on another: of each target the latest fact counts.
_COUNTS = """
SELECT network, kind, count(*), sum(reach)::bigint, coalesce(sum(sentiment), 0)::bigint,
    count(*) FILTER (WHERE sentiment > 0), count(*) FILTER (WHERE sentiment = 0), count(*) FILTER (WHERE sentiment < 0)
FROM (
    SELECT DISTINCT ON (i.network, i.subject, i.target) i.*
    FROM profiles_anchor a JOIN profiles_social_item i ON i.anchor = a.birth_id
    WHERE a.profile_id = %s AND i.network = ANY(%s)
    ORDER BY i.network, i.subject, i.target, i.at DESC, i.kind < 0 DESC, i.message DESC
) latest WHERE kind > 0 GROUP BY network, kind
"""


@dataclass(frozen=True, slots=True)
class Presence:
    """A person on one network. What the actor may not see is None or empty, and named in `masked`."""

    network: str
    handle: str | None
    followers: int | None
    totals: Totals | None
    masked: list[str]

    @property
    def label(self) -> str:
        """What the network is called."""
        return network_label(self.network)

    @property
    def first_at(self) -> datetime | None:
        """When the first action was."""
        return as_time(self.totals.first_at) if self.totals else None

    @property
    def last_at(self) -> datetime | None:
        """When the last action was."""
        return as_time(self.totals.last_at) if self.totals else None


def social(actor: Actor, profile_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Presence]:
    """The networks of whoever holds this id, by name. Raises UnknownPerson, Gone, InvalidCursor, AccessDenied."""
    require(actor, Operation.PEOPLE_VIEW)
    require_shown(actor, Category.BEHAVIOUR, Operation.PEOPLE_VIEW)
    require_all_sources(actor, Operation.PEOPLE_VIEW)  # it is kept by network
    start, limit = read_cursor(cursor, _LISTING), bounded(limit)
    held = holder_for(actor, profile_id)
    backwards = start is not None and start.backwards
    query = _NETWORKS.format(
        condition=f"s.network {'<' if backwards else '>'} %(network)s" if start else "true",
        direction="DESC" if backwards else "ASC",
    )
    found = fetch(query, {"row": held.row, "network": start and start.position[0], "limit": limit + 1})
    names = [network for (network,) in found]
    page = page_of(names, limit=limit, cursor=start, listing=_LISTING, position=lambda name: (name,))
    mask = Mask(actor)
    accounts = _accounts(held.row, page.items)
    items = [_shown(accounts[network], mask) for network in page.items if network in accounts]
    record_read(actor, action="person.social", subjects=[held.id], categories=sorted(mask.seen))
    return Page(items, page.next, page.previous)


def _accounts(row: int, networks: Sequence[str]) -> Mapping[str, Account]:
    found: dict[str, list[Account]] = defaultdict(list)
    for each in fetch(_ACCOUNTS, [row, list(networks)]):
        account = stored_account(*each)
        found[account.network].append(account)
    counts = _counts(row, [network for network, accounts in found.items() if len(accounts) > 1])
    return {network: join(accounts, counts.get(network)) for network, accounts in found.items()}


def _counts(row: int, networks: Collection[str]) -> Mapping[str, Totals]:
    found = {network: Totals(0, 0) for network in networks}
    for network, kind, count, reach, sentiment, *rated in (
        fetch(_COUNTS, [row, list(networks)]) if found else ()
    ):
        totals = found[network]
        totals.counts[Kind(kind)] = count
        totals.reach += reach
        totals.sentiment += sentiment
        totals.positive, totals.neutral, totals.negative = (
            before + more
            for before, more in zip((totals.positive, totals.neutral, totals.negative), rated, strict=True)
        )
    return found


def _shown(account: Account, mask: Mask) -> Presence:
    totals = account.totals
    assert totals is not None
    may_use = all(mask.use.permits(each.split()) for each in totals.purposes)
    hides_handle = not may_use or not mask.shows(Category.CONTACT)
    hides_rest = not may_use or mask.hides(Category.BEHAVIOUR)
    return Presence(
        account.network,
        None
        if hides_handle or account.handle is None
        else mask.value(Category.CONTACT, str(account.handle.value)),
        None if hides_rest or account.followers is None else int(account.followers.value),
        None if hides_rest else totals,
        [
            *(["handle"] if hides_handle and account.handle and not mask.omits(Category.CONTACT) else []),
            *(["followers", "activity", "sentiment", "reach"] if hides_rest else []),
        ],
    )
