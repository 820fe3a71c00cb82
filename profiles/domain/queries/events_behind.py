"""The events that showed links first, as far as the timeline still has them."""

from collections.abc import Sequence
from typing import NamedTuple

from streaming.database import Row, fetch

MOST_SEARCHED = 100  # links of which the event is looked for among all anchors of the people at their ends
MOST_ANCHORS = 200  # of those people: who has thousands of devices is not searched whole

_SELECT = """
SELECT k.id, n.type, n.name
FROM unnest(%(ids)s::bigint[]) i(id) JOIN profiles_evidence k ON k.id = i.id
CROSS JOIN LATERAL (
    SELECT t.event_id FROM profiles_anchor an JOIN profiles_timeline t ON t.anchor_id = an.id AND t.timestamp = k.event_time
    WHERE {anchor} AND t.source_id = k.source_id AND t.message_id = k.message_id LIMIT 1
) t JOIN profiles_eventname n ON n.id = t.event_id
"""
# Nearly every link is of an anchor that is made of its very ends; the others are of one of the people at its ends.
_OF_BOTH_ENDS = _SELECT.format(
    anchor="an.anonymous_id IN (k.a_id, k.b_id) AND (an.user_id IS NULL OR an.user_id IN (k.a_id, k.b_id))"
)
_ANCHORS = """(
    (SELECT o.id FROM profiles_identifier p JOIN profiles_anchor o ON o.profile_id = p.profile_id
        WHERE p.id IN (k.a_id, k.b_id) LIMIT %(anchors)s)
    UNION ALL (SELECT o.id FROM profiles_anchor o
        WHERE o.profile_id IS NULL AND o.home_id IN (k.a_id, k.b_id) LIMIT %(anchors)s)
)"""
_OF_THE_PEOPLE = _SELECT.format(anchor=f"an.id IN {_ANCHORS}")
_LOOKED_AT_ALL = f"""
SELECT k.id FROM profiles_evidence k WHERE k.id = ANY(%(ids)s)
    AND (SELECT count(*) FROM {_ANCHORS} looked) < %(anchors)s
"""


class EventsBehind(NamedTuple):
    """`words` by the id of the evidence; of those in `gone` the event is no longer kept. Of others nothing is known."""

    words: dict[int, str]
    gone: set[int]


def events_behind(ids: Sequence[int]) -> EventsBehind:
    """What each of these pieces of evidence was first shown by, as `event Order Completed` or `an identify call`."""
    words = _words(_OF_BOTH_ENDS, ids)
    searched = [each for each in ids if each not in words][:MOST_SEARCHED]
    words |= _words(_OF_THE_PEOPLE, searched)
    missing = [each for each in searched if each not in words]
    looked_at_all = fetch(_LOOKED_AT_ALL, {"ids": missing, "anchors": MOST_ANCHORS}) if missing else []
    return EventsBehind(words, {each for (each,) in looked_at_all})


def _words(query: str, ids: Sequence[int]) -> dict[int, str]:
    return dict(map(_told, fetch(query, {"ids": list(ids), "anchors": MOST_ANCHORS}))) if ids else {}


def _told(row: Row) -> tuple[int, str]:
    evidence, kind, name = row
    if kind == "track":
        return evidence, f"event {name}"
    return evidence, f"an {kind} call" if kind[:1] in "aeiou" else f"a {kind} call"
