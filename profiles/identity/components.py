"""Sets of identifiers that are one person each, joined under limits."""

from bisect import insort
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from profiles.identity.rules import NamespaceRule, Rules

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Components:
    """Union-find over nodes (`{node: namespace}`) that refuses a join which would break a rule.

    `times` is when each node was first seen, for limits within a window of event time.
    """

    def __init__(self, nodes: Mapping[int, int], rules: Rules, times: Mapping[int, datetime]) -> None:
        self._rules = rules
        self._parent = {node: node for node in nodes}
        self._members: dict[int, list[int]] = {node: [node] for node in nodes}
        self._apart: dict[int, set[int]] = defaultdict(set)
        bounded = {rule.id for rule in rules.bounded}
        self._values: dict[int, dict[int, list[datetime]]] = {
            node: {namespace: [times.get(node, _LONG_AGO)]} if namespace in bounded else {}
            for node, namespace in nodes.items()
        }

    def find(self, node: int) -> int:
        """The representative of the node's set."""
        parent = self._parent
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def keep_apart(self, a: int, b: int) -> None:
        """Never let these two nodes be in one set. To be said before any join."""
        self._apart[a].add(b)
        self._apart[b].add(a)

    def join(self, a: int, b: int, *, whatever_the_limits: bool = False) -> str:
        """Make the sets of `a` and `b` one; returns the rule that forbids it, or an empty string."""
        keep, gone = self.find(a), self.find(b)
        if keep == gone:
            return ""
        if len(self._members[keep]) < len(self._members[gone]):
            keep, gone = gone, keep
        if self._are_apart(keep, gone):
            return "keep_apart"
        if not whatever_the_limits and (broken := self._broken(keep, gone)):
            return broken
        self._absorb(keep, gone)
        return ""

    def sets(self) -> list[frozenset[int]]:
        """The sets."""
        return [frozenset(members) for members in self._members.values()]

    def _are_apart(self, keep: int, gone: int) -> bool:
        return bool(self._apart) and any(
            self.find(other) == keep for node in self._members[gone] for other in self._apart.get(node, ())
        )

    def _broken(self, keep: int, gone: int) -> str:
        mine, theirs = self._values[keep], self._values[gone]
        shared = [self._rules.by_id[namespace] for namespace in theirs if namespace in mine]
        for rule in sorted(shared, key=lambda each: (each.priority, each.id)):
            if broken := broken_rule(rule, mine[rule.id], theirs[rule.id]):
                return broken
        return ""

    def _absorb(self, keep: int, gone: int) -> None:
        self._parent[gone] = keep
        self._members[keep] += self._members.pop(gone)
        mine = self._values[keep]
        for namespace, times in self._values.pop(gone).items():
            here = mine.setdefault(namespace, [])
            for time in times:
                insort(here, time)


def broken_rule(rule: NamespaceRule, mine: list[datetime], theirs: list[datetime]) -> str:
    """The name of what two people of these values (by when first seen) break by becoming one, or ""."""
    if rule.unique:
        return f"unique:{rule.key}"
    if rule.limit is None:
        return ""
    if len(mine) + len(theirs) <= rule.limit:
        return ""
    if rule.window is None:
        return f"limit:{rule.key}"
    times = sorted(mine + theirs)
    spans = zip(times, times[rule.limit :], strict=False)
    return f"limit:{rule.key}" if any(last - first < rule.window for first, last in spans) else ""
