"""One rule of a mapping: which records it is for, and the event that it makes of them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ingestion.domain.mappings.containers import Container, Item, RecordFailed
from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.expressions import Expression
from ingestion.domain.mappings.generating import Make, Making, generate
from ingestion.domain.mappings.identity import click_id, contact_id, message_id
from ingestion.domain.mappings.limits import MAX_EVENTS
from ingestion.domain.mappings.parts import ABSENT, KEPT_NULL, Part

TRAITS_OF_THEIR_OWN = ("identify", "group")


class Rule:
    """A rule, compiled. `prefix` stands before the names of fields in problems. Immutable; any thread may use it."""

    def __init__(
        self,
        *,
        prefix: str,
        for_each: Expression | None,
        when: Expression | None,
        fields: list[tuple[str, str, Part]],
        properties: Container,
        traits: Container,
        context: Container,
        purposes: list[str] | None,
    ) -> None:
        self._prefix = prefix
        self._for_each, self._when = for_each, when
        self._fields = [(key, part, f"{prefix}{name}") for name, key, part in fields]
        self._properties, self._traits, self._context = properties, traits, context
        self._purposes = purposes

    @property
    def is_single(self) -> bool:
        """Whether the record makes one event, and the expressions look at it."""
        return self._for_each is None

    def scopes(self, record: Any) -> Iterator[Any]:
        """What the expressions of each event look at: an item of a list in the record. Raises RecordFailed."""
        assert self._for_each is not None, "the record itself is looked at"
        items = self._evaluated(self._for_each, record, "for_each")
        if items is None:
            return
        if items.__class__ is not list:
            raise RecordFailed(PartFailed("bad_value", "is not a list"), f"{self._prefix}for_each")
        if len(items) > MAX_EVENTS:
            failed = PartFailed("too_many_events", f"the list has more than {MAX_EVENTS:,} items")
            raise RecordFailed(failed, f"{self._prefix}for_each")
        for index, item in enumerate(items):
            yield {"item": item, "index": index, "record": record}

    def item(self, scope: Any) -> Item | None:
        """The item that the collector's rules then check; None when the condition does not hold. Raises RecordFailed."""
        if self._when is not None and not _holds(self._evaluated(self._when, scope, "when")):
            return None
        made = self._made(scope) if scope.__class__ is dict else self._made_by_parts(scope)
        item, properties, traits, context = made
        if "messageId" in item:
            item["messageId"] = message_id(item["messageId"])
        if "userId" not in item and "anonymousId" not in item:
            item["anonymousId"] = contact_id(traits) or click_id(context) or self._nobody()
        return _assembled(item, properties, traits, context, self._purposes)

    @cached_property
    def _generated(self) -> Make:
        fields = [(key, part) for key, part, _ in self._fields]
        return generate(fields, self._properties, self._traits, self._context)

    def _made(self, scope: Item) -> Making:
        try:
            return self._generated(scope)
        except (PartFailed, RecordFailed):
            return self._made_by_parts(scope)  # it says at which field

    def _made_by_parts(self, scope: Any) -> Making:
        item: Item = {}
        for key, part, field in self._fields:
            try:
                value = part(scope)
            except PartFailed as failed:
                raise RecordFailed(failed, field) from None
            if value is not ABSENT and value is not KEPT_NULL:
                item[key] = value
        return item, self._properties.fill(scope), self._traits.fill(scope), self._context.fill(scope)

    def _evaluated(self, expression: Expression, scope: Any, field: str) -> Any:
        try:
            return expression(scope)
        except PartFailed as failed:
            raise RecordFailed(failed, f"{self._prefix}{field}") from None

    def _nobody(self) -> str:
        failed = PartFailed("missing_identity", "the record has no value that says who it is about")
        raise RecordFailed(failed, f"{self._prefix}user_id")


def _assembled(item: Item, properties: Item, traits: Item, context: Item, purposes: list[str] | None) -> Item:
    """The item as an SDK would send it: what is known of the person goes beside a track, into an identify."""
    if traits and item.get("type") in TRAITS_OF_THEIR_OWN:
        item["traits"] = traits
    elif traits:
        context["traits"] = traits
    if properties:
        item["properties"] = properties
    if context:
        item["context"] = context
    if purposes:
        item["purposes"] = purposes
    return item


def _holds(value: Any) -> bool:
    """What JMESPath calls true: everything but false, null and what is empty."""
    return value is not None and value is not False and value not in ("", [], {})
