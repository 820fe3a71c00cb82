"""After the fault was healed and all was drained: nothing acknowledged is lost, and nothing has two effects."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from tests.faults.expected import Picture, picture_of
from tests.faults.ledger import Ledger

_PEOPLE = """
SELECT array_agg(n.key || ' ' || i.value) FROM profiles_identifier i JOIN profiles_namespace n ON n.id = i.namespace_id
WHERE i.profile_id IS NOT NULL GROUP BY i.profile_id
"""
_PLANS = """
SELECT i.value, p.traits ->> 'plan' FROM profiles_identifier i
JOIN profiles_namespace n ON n.id = i.namespace_id AND n.key = 'user_id'
JOIN profiles_profile p ON p.id = i.profile_id WHERE p.traits ? 'plan'
"""
_COUNTERS = """
SELECT coalesce(u.value, a.value), c.day::text, e.name, sum(c.count)::int
FROM profiles_daily_counter c JOIN profiles_eventname e ON e.id = c.event_id
JOIN profiles_anchor x ON x.id = c.anchor_id
LEFT JOIN profiles_identifier u ON u.id = x.user_id
LEFT JOIN profiles_identifier a ON a.id = x.anonymous_id
GROUP BY 1, 2, 3
"""
_HELD = "SELECT message_id FROM ingestion_quarantined WHERE state <> 'sent'"
_VISITS = """
SELECT coalesce(u.value, ''), coalesce(a.value, ''), s.first_at, s.last_at, s.events, s.pages, s.entry_page, s.exit_page
FROM profiles_session s JOIN profiles_anchor x ON x.id = s.anchor_id
LEFT JOIN profiles_identifier u ON u.id = x.user_id
LEFT JOIN profiles_identifier a ON a.id = x.anonymous_id
ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Verdict:
    """What became of the ledger's events. `letters` are ids of those among the dead letters, `foreign` others."""

    acknowledged: int
    stored: int
    suppressed: int
    letters: frozenset[str]
    foreign: int
    quarantined: int
    lost: frozenset[str]
    doubled: frozenset[str]
    unsent: frozenset[str]
    profiles_equal: bool

    def demand(self, *, letters: int = 0, foreign: int = 0, lost: int = 0) -> None:
        """Fail unless all holds; `foreign` dead letters are those of records that the load did not send."""
        assert not self.doubled, f"{len(self.doubled)} events had two effects"
        assert len(self.lost) == lost, f"{len(self.lost)} of {self.acknowledged} acknowledged events are lost"
        assert not self.unsent, "events that nobody sent"
        assert (len(self.letters), self.foreign) == (letters, foreign), "dead letters"
        assert self.profiles_equal, "profiles differ from those computed from the ledger"


def picture_in(database: Any) -> Picture:
    """What the database shows of people."""
    with database.connect() as connection:
        people = {
            frozenset(tuple(text.split(" ", 1)) for text in row[0]) for row in connection.execute(_PEOPLE)
        }
        plans = dict(connection.execute(_PLANS).fetchall())
        counters = Counter({tuple(row[:3]): row[3] for row in connection.execute(_COUNTERS)})
    return Picture(frozenset(people), plans, counters)


def visits_in(database: Any) -> list[tuple[Any, ...]]:
    """The visits, whose ids and whose states of ending depend on when they were made."""
    with database.connect() as connection:
        return list(connection.execute(_VISITS))


def examine(database: Any, ledger: Ledger) -> Verdict:
    """Compare the database with the ledger. What was never answered may be there, and then has its effect too."""
    with database.connect() as connection:
        stored = Counter(row[0] for row in connection.execute("SELECT message_id FROM profiles_timeline"))
        letters = [
            _message_id(row[0])
            for row in connection.execute("SELECT value FROM dead_letter WHERE state = 'open'")
        ]
        held = {row[0] for row in connection.execute(_HELD)}
    sent, suppressed = ledger.sent(), ledger.suppressed()
    own_letters = frozenset(letter for letter in letters if letter is not None and letter in sent)
    return Verdict(
        acknowledged=len(ledger.acknowledged),
        stored=len(stored),
        suppressed=len(suppressed & ledger.acknowledged.keys() - stored.keys()),
        letters=own_letters,
        foreign=sum(letter not in own_letters for letter in letters),
        quarantined=len(held & ledger.acknowledged.keys()),
        lost=frozenset(ledger.acknowledged.keys() - stored.keys() - own_letters - suppressed - held),
        doubled=frozenset(message for message, count in stored.items() if count > 1) | (held & stored.keys()),
        unsent=frozenset(stored.keys() - sent.keys()) | (suppressed & stored.keys()),
        profiles_equal=picture_in(database)
        == picture_of({message: sent[message] for message in stored if message in sent}),
    )


def check(database: Any, ledger: Ledger) -> None:
    """Compare, and demand that nothing at all is wrong."""
    examine(database, ledger).demand()


def _message_id(value: bytes | None) -> str | None:
    try:
        document = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return None
    return document.get("message_id") if isinstance(document, dict) else None
