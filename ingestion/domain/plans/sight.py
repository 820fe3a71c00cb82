"""Rules of a plan that tell values: for those alone who see such values clear. Types and presence are for all who plan.

How many events break `email: ^a` tells who has such an address, wherever it is counted: when a plan is tried, in its
violations, in quarantine.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from compliance.access import Actor, category_of_property, category_of_trait, masked
from compliance.audit import record_denial
from compliance.classification import CategoryOf
from compliance.enums import Category, Operation
from compliance.key_paths import EACH, path_within
from compliance.sources import sees_source
from ingestion.domain.plans.document import JsonObject, PlanError, split_name
from ingestion.domain.plans.violations import ON_VIOLATION
from ingestion.models import Source

_ANY = frozenset(Category)
_TRAITS = frozenset({"identify", "group"})
_OPEN = frozenset({
    "type", "required", "dependentRequired", ON_VIOLATION, "title", "description", "$comment", "deprecated", "readOnly", "writeOnly", "default",
    "examples",
})  # fmt: skip
_OF_ONE = frozenset({
    "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "minProperties", "maxProperties", "contentEncoding", "contentMediaType",
})  # fmt: skip
_CHOICES = frozenset({"enum", "const"})
_TOGETHER = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})
_ITEMS = frozenset({"items", "prefixItems", "contains"})


class ClosedRule(PlanError):
    """A rule would tell values that are not clear to who plans; the message says what to do."""


class ValueRule(NamedTuple):
    """One rule about values: where it stands, its keyword and content, and of which categories it tells."""

    event: str
    path: str
    keyword: str
    content: bytes
    tells: frozenset[Category]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node of a schema stands. A value without a category of its own has that of what it stands within."""

    event: str
    category_of: CategoryOf
    tells: frozenset[Category] = _ANY
    path: str = ""

    def key(self, name: str) -> "_Place":
        """Of what stands under this name."""
        path = path_within(self.path, name)
        own = self.category_of(name, path if self.path else "")
        is_own = own is not Category.UNCLASSIFIED or not self.path
        return replace(self, path=path, tells=frozenset({own}) if is_own else self.tells)

    def items(self) -> "_Place":
        """Of what stands in the list."""
        return replace(self, path=f"{self.path}[]")

    def others(self) -> "_Place":
        """Of what stands under any other name: nobody knows what that is."""
        return replace(self, path=path_within(self.path, EACH), tells=_ANY)


def require_sight(
    actor: Actor, source: Source, events: Mapping[str, JsonObject], *, before: Mapping[str, JsonObject] | None = None
) -> None:  # fmt: skip
    """Raise ClosedRule, which is audited, if a rule that was not there `before` tells values that are closed to the actor."""
    known = set(_rules(before or {}))
    for rule in _rules(events):
        if rule not in known and (closed := _closed(actor, source, rule.tells)):
            record_denial(actor, operation=Operation.SOURCES_MANAGE, categories=closed)
            raise ClosedRule(
                f"{rule.event[:80]}: `{rule.keyword[:40]}` of `{rule.path[:80] or 'the event'}` tells values that {actor.name} "
                "may not see: plan its type and whether it is required only, or ask an administrator for sight of "
                + (
                    f"{', '.join(closed)} data"
                    if sees_source(actor, source.pk)
                    else f"the source {source.name}"
                )
            )


def without_examples(actor: Actor, source: Source, events: Mapping[str, JsonObject]) -> None:
    """Take out of schemas that were inferred the observed values that are sensitive or closed to the actor."""
    for name, schema in events.items():
        for place, node in list(_nodes(_top(name), schema)):
            is_sensitive = any(each.is_sensitive for each in place.tells)
            if is_sensitive or _closed(actor, source, place.tells):
                node.pop("enum", None)


def _closed(actor: Actor, source: Source, tells: frozenset[Category]) -> list[Category]:
    """Of these the categories that are closed to the actor, all of them of a source that they do not see."""
    is_seen = sees_source(actor, source.pk)
    return sorted(each for each in tells if not is_seen or masked(actor, each))


def _top(name: str) -> _Place:
    is_traits = split_name(name)[0] in _TRAITS
    return _Place(name, category_of_trait if is_traits else category_of_property)


def _rules(events: Mapping[str, JsonObject]) -> Iterator[ValueRule]:
    for name, schema in events.items():
        for place, node in _nodes(_top(name), schema):
            yield from _of_node(place, node)


def _nodes(place: _Place, node: Any) -> Iterator[tuple[_Place, JsonObject]]:
    """The node and all within it, with where they stand."""
    if not isinstance(node, dict):
        return
    yield place, node
    properties = node.get("properties")
    for key, inner in properties.items() if isinstance(properties, dict) else ():
        yield from _nodes(place.key(key), inner)
    yield from _nodes(place.others(), node.get("additionalProperties"))
    for word in _ITEMS & node.keys():
        several = node[word] if isinstance(node[word], list) else [node[word]]
        for inner in several:
            yield from _nodes(place.items(), inner)


def _of_node(place: _Place, node: JsonObject) -> Iterator[ValueRule]:
    for word in sorted(node.keys() - _OPEN - _ITEMS - {"properties", "additionalProperties"}):
        if tells := _told(place, word, node[word]):
            yield ValueRule(
                place.event, place.path, word, orjson.dumps(node[word], option=orjson.OPT_SORT_KEYS), tells
            )


def _told(place: _Place, word: str, content: Any) -> frozenset[Category]:
    """Of which categories a keyword tells; of any where it may reach keys that it does not name."""
    if word in _TOGETHER:
        parts = content if isinstance(content, list) else [content]
        inner = (rule for part in parts for at, node in _nodes(place, part) for rule in _of_node(at, node))
        return frozenset(category for rule in inner for category in rule.tells)
    if word in _OF_ONE:
        return place.tells
    values = content if word == "enum" and isinstance(content, list) else [content]
    if word in _CHOICES and not any(isinstance(each, dict | list) for each in values):
        return place.tells
    return _ANY
