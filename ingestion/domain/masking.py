"""The part of an event that an actor may see. What is hidden is named, so that it is never taken for absent."""

from collections.abc import Callable, Mapping
from typing import Any

from compliance.access import (
    MASK,
    Actor,
    category_of_namespace,
    category_of_property,
    category_of_trait,
    masked,
)
from compliance.enums import Category

CategoryOf = Callable[[str], Category]

IDS = {
    "user_id": "user_id", "anonymous_id": "anonymous_id", "group_id": "group_id", "previous_id": "user_id",
    "userId": "user_id", "anonymousId": "anonymous_id", "groupId": "group_id", "previousId": "user_id",
}  # fmt: skip
"""Fields of an event that hold identifiers, with their namespaces."""

PROTOCOL = frozenset(
    [
        "v",
        "type",
        "event",
        "name",
        "message_id",
        "messageId",
        "received_at",
        "receivedAt",
        "timestamp",
        "client_time",
        "original_timestamp",
        "originalTimestamp",
        "sent_at",
        "sentAt",
        "raw_timestamp",
        "source_id",
        "import_id",
        "schema_version",
        "purposes",
        "key_purposes",
        "violations",
        "quarantined",
        "channel",
        "version",
        "_metadata",
        "integrations",
    ]
)
"""Fields that say how an event came, not about whom; a name is behaviour."""

_NAMES = frozenset({"event", "name"})


class Mask:
    """What one actor may see. Collects in `seen` the categories of what it let through."""

    def __init__(self, actor: Actor) -> None:
        self._hidden = frozenset(category for category in Category if masked(actor, category))
        self.seen: set[Category] = set()

    def hides(self, category: Category) -> bool:
        """Whether data of this category stay hidden; what does not counts as seen."""
        if category in self._hidden:
            return True
        self.seen.add(category)
        return False

    def event(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An event, in the protocol's form or in the log's, with a mark for each value that is hidden."""
        return {key: self._field(key, value) for key, value in document.items()}

    def _field(self, key: str, value: Any) -> Any:
        if key in IDS:
            return self._value(category_of_namespace(IDS[key]), value)
        if key in _NAMES:
            return self._value(Category.BEHAVIOUR, value)
        if key in PROTOCOL:
            return value
        if key == "traits":
            return self.document(value, category_of_trait)
        if key in ("properties", "context"):
            return self.document(value, category_of_property)
        return self._inside(value, category_of_property, category_of_property(key))

    def document(self, value: Any, category_of: CategoryOf) -> Any:
        """A document whose keys say what stands under them."""
        if not isinstance(value, dict):
            return self._inside(value, category_of, Category.UNCLASSIFIED)
        return {
            key: self._inside(inner, category_of, _category(key, category_of)) for key, inner in value.items()
        }

    def _inside(self, value: Any, category_of: CategoryOf, category: Category) -> Any:
        """A key inside another has the category of the outer one unless it has one of its own."""
        if isinstance(value, list):
            return [self._inside(item, category_of, category) for item in value]
        if not isinstance(value, dict):
            return self._value(category, value)
        inner = {key: _category(key, category_of) for key in value}
        return {
            key: self._inside(
                item, category_of, inner[key] if inner[key] != Category.UNCLASSIFIED else category
            )
            for key, item in value.items()
        }

    def _value(self, category: Category, value: Any) -> Any:
        if value is None or not self.hides(category):
            return value
        return MASK


def _category(key: str, category_of: CategoryOf) -> Category:
    """The traits within a context are those of a person."""
    return Category.UNCLASSIFIED if key == "traits" else category_of(key)
