"""After the fault was healed and all was drained: nothing acknowledged is lost, and nothing has two effects."""

from collections import Counter
from typing import Any

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


def check(database: Any, ledger: Ledger) -> None:
    """Compare the database with the ledger. What was never answered may be there, and then has its effect too."""
    with database.connect() as connection:
        stored = Counter(row[0] for row in connection.execute("SELECT message_id FROM profiles_timeline"))
        letters = connection.execute("SELECT reason FROM dead_letter").fetchall()
        people = {
            frozenset(tuple(text.split(" ", 1)) for text in row[0]) for row in connection.execute(_PEOPLE)
        }
        plans = dict(connection.execute(_PLANS).fetchall())
        counters = Counter({tuple(row[:3]): row[3] for row in connection.execute(_COUNTERS)})
    assert letters == []
    assert [message for message, count in stored.items() if count > 1] == [], "effects that were had twice"
    lost = ledger.acknowledged.keys() - stored.keys()
    assert not lost, f"{len(lost)} of {len(ledger.acknowledged)} acknowledged events are lost"
    sent = ledger.sent()
    assert stored.keys() <= sent.keys(), "events that nobody sent"
    expected = picture_of({message: sent[message] for message in stored})
    assert Picture(frozenset(people), plans, counters) == expected
