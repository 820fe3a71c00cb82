"""Changes of rules as staff make them, from the proposal to the last person who follows."""

from datetime import UTC, datetime
from typing import Any

from profiles.domain.rules.applying import apply_change, continue_change
from profiles.domain.rules.dry_run import measure
from profiles.domain.rules.editing import namespace_of, propose_change
from profiles.domain.rules.values import NamespaceValues, values_of
from profiles.models import RuleChange
from tests.profiles.people import ALL

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def with_fields(key: str, **fields: Any) -> NamespaceValues:
    """The values of the namespace, but for these."""
    return {**values_of(namespace_of(key)), **fields}  # type: ignore[typeddict-item]


def proposed(key: str, **fields: Any) -> RuleChange:
    """A change of these fields, measured."""
    change = propose_change(ALL, key, with_fields(key, **fields), now=NOW)
    assert measure(change, clock=clock)
    return RuleChange.objects.get(pk=change)


def applied(change: RuleChange) -> RuleChange:
    """A measured change, applied to everybody."""
    apply_change(ALL, change.pk, now=NOW)
    return followed(change.pk)


def followed(change: int) -> RuleChange:
    """The change whose rules hold, applied to everybody."""
    while not continue_change(change, clock=clock, seconds=3600):
        pass
    return RuleChange.objects.get(pk=change)


def groups() -> set[frozenset[str]]:
    """Who is one person, by the values of their identifiers."""
    from tests.profiles.builder.picture import people

    return {frozenset(value for _, value in each) for each in people().values()}
