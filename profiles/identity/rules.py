"""The rules of the namespaces, as values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any

from profiles.enums import ContentUse, Level
from profiles.identity.patterns import Patterns
from profiles.identity.values import plain

# What of a stored namespace its rule is made of, by the names of the columns.
COLUMNS = (
    "id", "key", "level", "priority", "limit", "limit_days", "unique", "shareable", "normaliser", "paths",
    "blocked_values", "blocked_patterns", "shared_patterns", "verified_paths", "content", "content_patterns",
)  # fmt: skip
_REMEMBERED = 16384  # values of a namespace: asking a pattern costs microseconds
USER, ANONYMOUS = "user_id", "anonymous_id"  # the namespaces that anchors are made of


@dataclass(frozen=True)
class NamespaceRule:
    """The rules of one namespace. `priority` 1 is the strongest; `limit` holds ever, or within `window`.

    Values that `shared_patterns` match never join people. A true value at one of `verified_paths` makes an event's
    link verified. `content` says what values do that were found in texts, by `content_patterns`.
    """

    id: int
    key: str
    level: Level
    priority: int
    limit: int | None = None
    window: timedelta | None = None
    unique: bool = False
    shareable: bool = False
    normaliser: str = "text"
    paths: tuple[str, ...] = ()
    blocked_values: frozenset[str] = frozenset()
    blocked_patterns: tuple[str, ...] = ()
    shared_patterns: tuple[str, ...] = ()
    verified_paths: tuple[str, ...] = ()
    content: ContentUse = ContentUse.OFF
    content_patterns: tuple[str, ...] = ()

    @cached_property
    def blocks(self) -> Callable[[str], bool]:
        """Whether a value identifies nobody (compared in lower case). The same values come again and again."""
        values, match = self.blocked_values, Patterns(self.blocked_patterns).match

        @lru_cache(maxsize=_REMEMBERED)
        def is_blocked(value: str) -> bool:
            lowered = plain(value).lower()
            return lowered in values or match(lowered)

        return is_blocked

    @cached_property
    def shares(self) -> Callable[[str], bool]:
        """Whether a value is always one of several people (compared in lower case)."""
        match = Patterns(self.shared_patterns).match

        @lru_cache(maxsize=_REMEMBERED)
        def is_shared(value: str) -> bool:
            return match(plain(value).lower())

        return is_shared

    @property
    def is_bounded(self) -> bool:
        """Whether anything bounds the values of a profile."""
        return self.unique or self.limit is not None


def rule_of(row: Mapping[str, Any]) -> NamespaceRule:
    """The rule of a stored namespace; `row` has COLUMNS."""
    return NamespaceRule(
        id=row["id"],
        key=row["key"],
        level=Level(row["level"]),
        priority=row["priority"],
        limit=row["limit"],
        window=timedelta(days=row["limit_days"]) if row["limit_days"] else None,
        unique=row["unique"],
        shareable=row["shareable"],
        normaliser=row["normaliser"],
        paths=tuple(row["paths"]),
        blocked_values=frozenset(value.lower() for value in row["blocked_values"]),
        blocked_patterns=tuple(row["blocked_patterns"]),
        shared_patterns=tuple(row["shared_patterns"]),
        verified_paths=tuple(row["verified_paths"]),
        content=ContentUse(row["content"]),
        content_patterns=tuple(row["content_patterns"]),
    )


@dataclass(frozen=True)
class Rules:
    """The rules of all namespaces. Equal rules give equal people."""

    namespaces: tuple[NamespaceRule, ...]
    by_id: Mapping[int, NamespaceRule] = field(init=False, compare=False)
    by_key: Mapping[str, NamespaceRule] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {rule.id: rule for rule in self.namespaces})
        object.__setattr__(self, "by_key", {rule.key: rule for rule in self.namespaces})

    @cached_property
    def bounded(self) -> tuple[NamespaceRule, ...]:
        """The namespaces with a limit or uniqueness."""
        return tuple(rule for rule in self.namespaces if rule.is_bounded)

    @cached_property
    def user(self) -> int | None:
        """The id of the namespace of user ids."""
        rule = self.by_key.get(USER)
        return rule.id if rule else None
