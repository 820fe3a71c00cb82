"""The part of an event that an actor may see. What is masked is named, so that it is never taken for absent."""

from collections.abc import Mapping
from typing import Any

from compliance import masking
from compliance.access import category_of_namespace, category_of_property, category_of_trait, shown_as
from compliance.classification import CategoryOf
from compliance.enums import Category
from compliance.key_paths import path_within

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
_OMITTED: Any = object()  # in the place of what is hidden, until its key is left out


class Mask(masking.Mask):
    """What one actor may see of events. Collects in `seen` the categories of what it let through."""

    def event(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An event, in the protocol's form or in the log's: each value in its form, and nothing of what is hidden."""
        fields = ((key, self._field(key, value)) for key, value in document.items())
        return {key: value for key, value in fields if value is not _OMITTED}

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
        fields = (
            (key, self._inside(inner, category_of, _category(key, category_of), _within(key, "")))
            for key, inner in value.items()
        )
        return {key: inner for key, inner in fields if inner is not _OMITTED}

    def _inside(self, value: Any, category_of: CategoryOf, category: Category, path: str = "") -> Any:
        """A key inside another has the category of the outer one unless it has one of its own."""
        if isinstance(value, list):
            items = [self._inside(item, category_of, category, f"{path}[]") for item in value]
            return [item for item in items if item is not _OMITTED] or (_OMITTED if items else [])
        if not isinstance(value, dict):
            return self._value(category, value)
        shown = {}
        for key, item in value.items():
            where = _within(key, path)
            own = _category(key, category_of, where if path else "")
            inner = own if own is not Category.UNCLASSIFIED else category
            if (found := self._inside(item, category_of, inner, where)) is not _OMITTED:
                shown[key] = found
        return shown if shown or not value else _OMITTED

    def _value(self, category: Category, value: Any) -> Any:
        if self.omits(category):
            return _OMITTED
        return value if value is None else shown_as(self.form(category), value)


def _category(key: str, category_of: CategoryOf, path: str = "") -> Category:
    """The traits within a context are those of a person."""
    return Category.UNCLASSIFIED if key == "traits" else category_of(key, path)


def _within(key: str, path: str) -> str:
    """The path of a key within a value of this path; what stands within traits has the paths of traits."""
    return "" if key == "traits" else path_within(path, key)
