"""Hiding what an actor may not see, key by key; what is hidden is named, so that it is never taken for absent."""

from collections.abc import Callable, Mapping
from typing import Any

from compliance.access import Actor, masked
from compliance.enums import Category

CategoryOf = Callable[[str], Category]


class Mask:
    """What one actor may see of documents. Collects in `seen` the categories of what it let through."""

    def __init__(self, actor: Actor) -> None:
        self._hidden = frozenset(category for category in Category if masked(actor, category))
        self.seen: set[Category] = set()

    def hides(self, category: Category) -> bool:
        """Whether data of this category stay hidden; what does not counts as seen."""
        if category in self._hidden:
            return True
        self.seen.add(category)
        return False

    def document(
        self, document: Mapping[str, Any], category_of: CategoryOf, path: str = ""
    ) -> tuple[dict[str, Any], list[str]]:
        """The visible part of a document, and the paths of what is hidden, as `address.street`.

        A key inside another has the category of the outer one unless it has one of its own.
        """
        visible: dict[str, Any] = {}
        hidden: list[str] = []
        for key, value in document.items():
            if self.hides(category_of(key)):
                hidden.append(path + key)
            else:
                visible[key] = self._inside(value, category_of, f"{path}{key}.", hidden)
        return visible, hidden

    def _inside(self, value: Any, category_of: CategoryOf, path: str, hidden: list[str]) -> Any:
        if isinstance(value, list):
            return [self._inside(item, category_of, path, hidden) for item in value]
        if not isinstance(value, dict):
            return value
        visible = {}
        for key, inner in value.items():
            category = category_of(key)
            if category is not Category.UNCLASSIFIED and self.hides(category):
                if path + key not in hidden:
                    hidden.append(path + key)
            else:
                visible[key] = self._inside(inner, category_of, f"{path}{key}.", hidden)
        return visible
