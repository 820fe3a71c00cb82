"""The rules as the database has them, asked for at each batch and read again when their version has risen."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from profiles.identity.epochs import Epochs
from profiles.identity.rules import COLUMNS, Rules, rule_of

# Who changes rules or withdraws evidence takes this lock exclusively; every batch shares it.
RULES_LOCK = 7_305_100_001

# A batch asks for some thousand rows by key. However small a table was when the plan was made, and however
# little is known of it yet, the way to them is an index. And a batch says that it keeps the sources of anchors, as
# processes of the release before do not (profiles.models.SourceGap).
_BEGIN = """
SELECT pg_advisory_xact_lock_shared(%s), set_config('enable_seqscan', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true), set_config('headwater.keeps_sources', 'on', true)
"""
_VERSION = "SELECT version FROM profiles_rulesversion WHERE id = 1"
_READ = f"""
SELECT {", ".join(f'"{column}"' for column in COLUMNS)} FROM profiles_namespace ORDER BY priority, id
"""
_READ_HANDOVERS = """
SELECT namespace_id, value, day FROM profiles_handover WHERE taken_back_at IS NULL ORDER BY id
"""
_READ_LIFECYCLE = "SELECT customer_events, former_after_days FROM profiles_lifecyclerule WHERE id = 1"


@dataclass(frozen=True, slots=True)
class LifecycleRules:
    """When a person is a customer (one of these events), and for how long."""

    customer_events: frozenset[str] = frozenset()
    former_after: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules that the builder goes by, and which identifiers were given to another person."""

    namespaces: Rules
    lifecycle: LifecycleRules
    epochs: Epochs = field(default_factory=Epochs)


class RuleReader:
    """Reads the rules; gives the same object again as long as nothing has changed."""

    def __init__(self) -> None:
        self._version: tuple[int] | None = None
        self._rows: Any = None
        self._book: RuleBook | None = None

    def read(self, connection: psycopg.Connection[Any]) -> RuleBook:
        """The rules now; they stay so until the transaction ends."""
        connection.execute(_BEGIN, (RULES_LOCK,))
        # A statement of its own: its snapshot is younger than the lock.
        version = connection.execute(_VERSION).fetchone()
        if self._book is None or version is None or version != self._version:
            self._book = self._read(connection)
            self._version = version
        return self._book

    def _read(self, connection: psycopg.Connection[Any]) -> RuleBook:
        rows = connection.execute(_READ).fetchall()
        lifecycle = connection.execute(_READ_LIFECYCLE).fetchone()
        handovers = connection.execute(_READ_HANDOVERS).fetchall()
        if self._book is not None and (rows, lifecycle, handovers) == self._rows:
            return self._book
        self._rows = (rows, lifecycle, handovers)
        namespaces = Rules(tuple(rule_of(dict(zip(COLUMNS, row, strict=True))) for row in rows))
        return RuleBook(namespaces, _lifecycle(lifecycle), Epochs(handovers))


def _lifecycle(row: tuple[Any, ...] | None) -> LifecycleRules:
    if row is None:
        return LifecycleRules()
    return LifecycleRules(frozenset(row[0]), timedelta(days=row[1]))
