"""The rules of the namespaces, as values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from profiles.enums import Level


@dataclass(frozen=True)
class NamespaceRule:
    """The rules of one namespace. `priority` 1 is the strongest; `limit` holds ever, or within `window`."""

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

    @cached_property
    def _blocked_pattern(self) -> re.Pattern[str] | None:
        if not self.blocked_patterns:
            return None
        return re.compile("|".join(f"(?:{pattern})" for pattern in self.blocked_patterns))

    def blocks(self, value: str) -> bool:
        """Whether this value identifies nobody (compared in lower case)."""
        lowered = value.lower()
        if lowered in self.blocked_values:
            return True
        pattern = self._blocked_pattern
        return pattern is not None and pattern.fullmatch(lowered) is not None

    @property
    def is_bounded(self) -> bool:
        """Whether anything bounds the values of a profile."""
        return self.unique or self.limit is not None


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

    def strongest(self, namespaces: Iterable[int]) -> int:
        """The id of the namespace that comes first by priority."""
        return min(namespaces, key=lambda namespace: self.by_id[namespace].priority)
