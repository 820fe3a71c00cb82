"""The rules as the database has them, read at the start of each batch and kept while they do not change."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from profiles.enums import Level
from profiles.identity.rules import NamespaceRule, Rules

# Who changes rules or withdraws evidence takes this lock exclusively; every batch shares it.
RULES_LOCK = 7_305_100_001

# A batch asks for some thousand rows by key. However small a table was when the plan was made, and however
# little is known of it yet, the way to them is an index.
_BEGIN = """
SELECT pg_advisory_xact_lock_shared(%s), set_config('enable_seqscan', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)
"""
_READ = """
SELECT id, key, level, priority, "limit", limit_days, "unique", shareable, normaliser, paths, blocked_values, blocked_patterns
FROM profiles_namespace ORDER BY priority, id
"""
_READ_LIFECYCLE = "SELECT customer_events, former_after_days FROM profiles_lifecyclerule WHERE id = 1"


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """When a person is a customer (one of these events), and for how long."""

    customer_events: frozenset[str] = frozenset()
    former_after: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules that the builder goes by."""

    namespaces: Rules
    lifecycle: LifecycleRules


class RuleReader:
    """Reads the rules; gives the same object again as long as nothing has changed."""

    def __init__(self) -> None:
        self._rows: Any = None
        self._book: RuleBook | None = None

    def read(self, connection: psycopg.Connection[Any]) -> RuleBook:
        """The rules now; they stay so until the transaction ends."""
        connection.execute(_BEGIN, (RULES_LOCK,))
        rows = connection.execute(_READ).fetchall()
        lifecycle = connection.execute(_READ_LIFECYCLE).fetchone()
        if self._book is None or (rows, lifecycle) != self._rows:
            self._rows = (rows, lifecycle)
            self._book = RuleBook(Rules(tuple(_namespace(row) for row in rows)), _lifecycle(lifecycle))
        return self._book


def _namespace(row: tuple[Any, ...]) -> NamespaceRule:
    key, level, priority, limit, days, unique, shareable, normaliser, paths, values, patterns = row[1:]
    return NamespaceRule(
        id=row[0],
        key=key,
        level=Level(level),
        priority=priority,
        limit=limit,
        window=timedelta(days=days) if days else None,
        unique=unique,
        shareable=shareable,
        normaliser=normaliser,
        paths=tuple(paths),
        blocked_values=frozenset(value.lower() for value in values),
        blocked_patterns=tuple(patterns),
    )


def _lifecycle(row: tuple[Any, ...] | None) -> LifecycleRules:
    if row is None:
        return LifecycleRules()
    return LifecycleRules(frozenset(row[0]), timedelta(days=row[1]))
