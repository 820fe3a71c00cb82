"""All that is known of one link of the identity graph: each piece of evidence, its events, and the merges it made."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from compliance.access import Actor, require
from compliance.audit import record_read
from compliance.enums import Operation
from profiles.domain.queries.finding import HELD_IDS
from profiles.domain.queries.links import Link, links_named
from profiles.domain.queries.masking import Mask
from profiles.domain.queries.overview import known_person
from profiles.domain.queries.permission import holder_for
from profiles.domain.queries.shown import Person
from profiles.enums import EvidenceState
from streaming.database import fetch
from streaming.row_ids import MOST_ID

MOST_EVENTS = 10_000  # of which the number is told exactly
_MOST_PIECES = 200

_REVIEWED = {EvidenceState.REFUSED, EvidenceState.PROPOSED}

_BETWEEN = f"""
WITH link AS (
    SELECT e.a_id, e.b_id FROM profiles_evidence e
    JOIN profiles_identifier a ON a.id = e.a_id JOIN profiles_identifier b ON b.id = e.b_id
    WHERE e.id = %(link)s AND %(row)s IN (a.profile_id, b.profile_id) AND e.state <> 'beside'
), pieces AS (
    SELECT e.id, e.event_time FROM link JOIN profiles_evidence e ON e.a_id = link.a_id AND e.b_id = link.b_id
    UNION
    SELECT e.id, e.event_time FROM link JOIN profiles_evidence e ON e.a_id = link.b_id AND e.b_id = link.a_id
)
SELECT (SELECT array_agg(id) FROM (SELECT id FROM pieces ORDER BY event_time, id LIMIT {_MOST_PIECES}) p),
    p.id, p.public_id
FROM link JOIN profiles_identifier i ON i.id IN (link.a_id, link.b_id) JOIN profiles_profile p ON p.id = i.profile_id
"""
_EVENTS = f"""
SELECT count(*) FILTER (WHERE t.evidence && %(ids)s::bigint[]), count(*) FROM (
    SELECT t.evidence FROM profiles_anchor a CROSS JOIN LATERAL (
        SELECT evidence FROM profiles_timeline t WHERE t.anchor_id = a.id
        ORDER BY t.timestamp DESC LIMIT {MOST_EVENTS}
    ) t WHERE a.profile_id = ANY(%(rows)s) LIMIT {MOST_EVENTS}
) t
"""
_MERGED = f"""
SELECT source, target, merged_at FROM profiles_merge
WHERE (source = ANY({HELD_IDS}) OR target = ANY({HELD_IDS})) AND evidence && %(ids)s::bigint[]
ORDER BY id LIMIT 50
"""


class NotTheirLink(LookupError):
    """The person has no such link (any more)."""

    def __init__(self) -> None:
        super().__init__("This person has no such link: it may be between other people by now.")


@dataclass(frozen=True, slots=True)
class Merging:
    """The link was among those by which `source` became part of `target`."""

    source: UUID
    target: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkEvidence:
    """A link of a person, with its pieces of evidence, the earliest first.

    `events` counts those that still are in the timeline, among the newest `looked_at`. `other` is the id of the
    person at the far end, when that is somebody else.
    """

    person: Person
    pieces: list[Link]
    events: int
    looked_at: int
    merges: list[Merging]
    other: UUID | None

    @property
    def review(self) -> int | None:
        """The review that the two people of a refused or proposed link are decided in, by its id."""
        return next((piece.id for piece in self.pieces if self.other and piece.state in _REVIEWED), None)

    @property
    def counts_all_events(self) -> bool:
        """Whether there are no further events to be looked at."""
        return self.looked_at < MOST_EVENTS


def link_evidence(actor: Actor, profile_id: UUID, *, link: int) -> LinkEvidence:
    """What stands behind the link that has this piece of evidence, by its id.

    Raises NotTheirLink, UnknownPerson, Gone, AccessDenied.
    """
    require(actor, Operation.PEOPLE_VIEW)
    held, mask = holder_for(actor, profile_id), Mask(actor)
    rows = fetch(_BETWEEN, {"link": link, "row": held.row}) if link <= MOST_ID else []
    if not rows:
        raise NotTheirLink
    ids, people = rows[0][0], {row: public_id for _, row, public_id in rows}
    ((events, looked_at),) = fetch(_EVENTS, {"ids": ids, "rows": list(people)})
    pieces = links_named(ids, held.row, mask)
    if not pieces:
        raise NotTheirLink  # an end of it may not be told
    merges = [Merging(*row) for row in fetch(_MERGED, {"row": held.row, "ids": ids})]
    record_read(
        actor, action="person.link", subjects=set(people.values()), categories=sorted(mask.seen),
        detail={"link": link},
    )  # fmt: skip
    return LinkEvidence(
        person=known_person(actor, held.id),
        pieces=sorted(pieces.values(), key=lambda piece: (piece.at, piece.id)),
        events=events,
        looked_at=looked_at,
        merges=merges,
        other=next((public_id for row, public_id in people.items() if row != held.row), None),
    )
