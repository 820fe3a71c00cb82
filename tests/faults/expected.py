"""What people must look like, computed offline from the events that were sent: the model of the fault tests."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Picture:
    """Who is who, their newest plan, and how often each event happened: what the database must show."""

    people: frozenset[frozenset[tuple[str, str]]]
    plans: dict[str, str]  # by user id
    counters: Counter[tuple[str, str, str]]  # user id or anonymous id, day, event


def picture_of(events: Mapping[str, dict[str, Any]]) -> Picture:
    """The picture that these events (by message id) make, in whatever order they arrived, once each."""
    plans: dict[str, tuple[tuple[str, str], str]] = {}
    counters: Counter[tuple[str, str, str]] = Counter()
    for message_id, event in events.items():
        user: str = event.get("userId") or ""
        if event["type"] == "identify":
            version = ((event["originalTimestamp"], message_id), event["traits"]["plan"])
            plans[user] = max(plans.get(user, version), version)
        name = event["event"] if event["type"] == "track" else event["type"]
        counters[user or event["anonymousId"], event["originalTimestamp"][:10], name] += 1
    return Picture(
        frozenset(_joined(_identifiers(event) for event in events.values())),
        {user: plan for user, (_, plan) in plans.items()},
        counters,
    )


def _identifiers(event: Mapping[str, Any]) -> set[tuple[str, str]]:
    found = {("anonymous_id", event["anonymousId"])}
    if user := event.get("userId"):
        found.add(("user_id", user))
    if event["type"] == "identify":
        found.add(("email", event["traits"]["email"]))
    return found


def _joined(sets: Iterable[set[tuple[str, str]]]) -> set[frozenset[tuple[str, str]]]:
    """Union of all that share a member: the generator's people break no limit."""
    home: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for members in sets:
        together = set(members).union(*(home[member] for member in members))
        for member in together:
            home[member] = together
    return {frozenset(each) for each in home.values()}
