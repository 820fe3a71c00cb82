"""The namespaces with their rules, as the screens and the API show them."""

from dataclasses import dataclass, replace

from compliance.access import Actor, require
from compliance.enums import Operation
from profiles.domain.rules.editing import namespace_of
from profiles.domain.rules.history import Past, history
from profiles.domain.rules.sight import hides_values, shown_differences, shown_values
from profiles.domain.rules.values import NamespaceValues, values_of
from profiles.enums import ChangeState
from profiles.models import Namespace, RuleChange


@dataclass(frozen=True, slots=True)
class NamespaceRules:
    """A namespace. `open_change` is the number of its latest change that is neither done nor called off.

    `hides_values`: what would tell values that the actor may not see is empty.
    """

    key: str
    values: NamespaceValues
    open_change: int | None = None
    hides_values: bool = False


def all_namespaces(actor: Actor) -> list[NamespaceRules]:
    """All of them, the strongest first. Raises AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    ended = (ChangeState.DONE, ChangeState.CANCELLED)
    open_changes = (
        RuleChange.objects.exclude(state__in=ended).order_by("pk").values_list("namespace_id", "pk")
    )
    latest = dict(open_changes)
    rows = Namespace.objects.order_by("priority", "pk")
    return [_seen(actor, row, latest.get(row.pk)) for row in rows]


def namespace_rules(actor: Actor, key: str) -> tuple[NamespaceRules, list[Past]]:
    """One, with what was changed before. Raises UnknownNamespace, AccessDenied."""
    require(actor, Operation.IDENTITY_RULES)
    row = namespace_of(key)
    past = [
        replace(each, differences=shown_differences(actor, key, each.differences)) for each in history(row)
    ]
    return _seen(actor, row), past


def _seen(actor: Actor, row: Namespace, open_change: int | None = None) -> NamespaceRules:
    values = shown_values(actor, row.key, values_of(row))
    return NamespaceRules(row.key, values, open_change, hides_values(actor, row.key))
