"""What still holds two identifiers together."""

from collections import defaultdict, deque

from streaming.database import fetch

_ACCEPTED = """
SELECT e.id, e.a_id, e.b_id FROM profiles_identifier i
JOIN profiles_evidence e ON e.a_id = i.id AND e.state = 'accepted' AND e.rule <> 'keep_apart'
WHERE i.profile_id = (SELECT profile_id FROM profiles_identifier WHERE id = %s)
"""


def chain(a: int, b: int) -> list[int]:
    """The shortest chain of links (ids of evidence) from the one identifier to the other inside one person."""
    around: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link, one, other in sorted(fetch(_ACCEPTED, [a])):
        around[one].append((link, other))
        around[other].append((link, one))
    came: dict[int, tuple[int, int]] = {a: (0, a)}
    waiting = deque([a])
    while waiting and b not in came:
        here = waiting.popleft()
        for link, there in around[here]:
            if there not in came:
                came[there] = (link, here)
                waiting.append(there)
    found: list[int] = []
    while b != a and b in came:
        link, b = came[b]
        found.append(link)
    return found[::-1]
