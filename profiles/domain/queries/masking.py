"""Hiding what an actor may not see, key by key; what is hidden is named, so that it is never taken for absent."""

from collections.abc import Callable, Mapping
from typing import Any

from compliance.access import Actor, category_of_trait, masked
from compliance.consent import use_by
from compliance.enums import Category
from compliance.identifiers import written
from profiles.identity.values import parted

CategoryOf = Callable[[str], Category]


def as_people_write(normaliser: str, shown: str | None) -> str | None:
    """A value that may be shown as people write it, and None, which is a masked one, as it is."""
    if shown is None:
        return None
    value, since = parted(shown)
    return written(normaliser, value) + since


class Mask:
    """What one actor may see of documents. Collects in `seen` the categories of what it let through.

    `use` is what the actor may use data for: it permits everything but to a token that is bound to a purpose.
    """

    def __init__(self, actor: Actor) -> None:
        self.use = use_by(actor)
        self._hidden = frozenset(category for category in Category if masked(actor, category))
        self.seen: set[Category] = set()

    def hides(self, category: Category) -> bool:
        """Whether data of this category stay hidden; what does not counts as seen."""
        if category in self._hidden:
            return True
        self.seen.add(category)
        return False

    def traits(
        self, traits: Mapping[str, Any], provenance: Mapping[str, Mapping[str, Any]]
    ) -> tuple[dict[str, Any], list[str]]:
        """The visible traits, of those that may be used, and the keys of what is hidden."""
        usable = {key: value for key, value in traits.items() if self._may_use(provenance[key])}
        visible, hidden = self.document(usable, category_of_trait)
        return visible, [*hidden, *(key for key in traits if key not in usable)]

    def _may_use(self, origin: Mapping[str, Any]) -> bool:
        return self.use.permits(origin.get("purposes") or ())

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
