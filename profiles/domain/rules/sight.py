"""Rules that tell values of people, or whether there are such: for those alone who may see values of the namespace.

Blocked values are what people sent, and the dry run of a pattern counts whoever matches it: both would tell what is
masked everywhere else.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

from compliance.access import MASK, AccessDenied, Actor, category_of_namespace, masked
from compliance.audit import record_denial
from compliance.enums import Operation
from compliance.sources import sees_all_sources
from profiles.domain.rules.history import Difference
from profiles.domain.rules.values import NamespaceValues

OF_VALUES = ("blocked_values", "blocked_patterns", "shared_patterns", "content_patterns")


def hides_values(actor: Actor, key: str) -> bool:
    """Whether values of this namespace are closed to the actor; from which source they came is not known."""
    return not sees_all_sources(actor) or masked(actor, category_of_namespace(key))


def shown_values(actor: Actor, key: str, values: NamespaceValues) -> NamespaceValues:
    """The rules as the actor may see them: lists that would tell values are empty when those are closed."""
    if not hides_values(actor, key):
        return values
    return cast("NamespaceValues", {**values, **{field: [] for field in OF_VALUES}})


def meant_values(actor: Actor, key: str, before: NamespaceValues, after: NamespaceValues) -> NamespaceValues:
    """What the actor means by rules that they saw as `shown_values`: what was closed stays. Raises AccessDenied."""
    if not hides_values(actor, key):
        return after
    sent: dict[str, Any] = dict(after)
    require_sight(actor, key, [field for field in OF_VALUES if sent[field]])
    kept: dict[str, Any] = dict(before)
    return cast("NamespaceValues", {**sent, **{field: kept[field] for field in OF_VALUES}})


def require_sight(actor: Actor, key: str, fields: Collection[str] = OF_VALUES) -> None:
    """Raise AccessDenied, which is audited, if any of the fields tells values that are closed to the actor."""
    if hides_values(actor, key) and not set(OF_VALUES).isdisjoint(fields):
        record_denial(actor, operation=Operation.IDENTITY_RULES)
        raise AccessDenied(
            f"{actor.name} may not see values of {key!r}, so they cannot decide what is blocked, shared or found by its "
            f"value: it needs sight of the category {category_of_namespace(key).value!r} and of all sources"
        )


def shown_differences(actor: Actor, key: str, found: list[Difference]) -> list[Difference]:
    """What changed, with a mark for each list that would tell values that are closed to the actor."""
    if not hides_values(actor, key):
        return found
    return [replace(each, before=MASK, after=MASK) if each.field in OF_VALUES else each for each in found]
