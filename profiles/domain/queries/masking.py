"""Hiding what an actor may not see, key by key. What is masked is named, so that it is never taken for absent."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from compliance import masking
from compliance.access import Actor, Pseudonym, category_of_namespace, category_of_trait, shown_as
from compliance.classification import CategoryOf
from compliance.consent import ANY_USE, Use, use_by
from compliance.enums import Category
from compliance.forms import Form
from compliance.identifiers import written
from compliance.key_paths import path_within, shared_name
from profiles.identity.values import parted


def as_people_write(normaliser: str, shown: str | None) -> str | None:
    """A value that may be shown as people write it; a pseudonym, and None, which is a masked one, as they are."""
    if shown is None or isinstance(shown, Pseudonym):
        return shown
    value, since = parted(shown)
    return written(normaliser, value) + since


def pseudonyms_in(document: Any, path: str = "") -> list[str]:
    """The paths of the pseudonyms in a visible document, as `address.street`."""
    if isinstance(document, Pseudonym):
        return [path]
    if isinstance(document, Mapping):
        inner = [(f"{path}.{key}" if path else key, value) for key, value in document.items()]
    else:
        inner = [(path, value) for value in document] if isinstance(document, list) else []
    return list(dict.fromkeys(each for where, value in inner for each in pseudonyms_in(value, where)))


class Mask(masking.Mask):
    """What one actor may see of documents. Collects in `seen` the categories of what it let through.

    Where it lists what is hidden, it leaves out data of categories of which not even that may be told.
    `use` is what the actor may use data for: it permits everything but to a token that is bound to a purpose.
    """

    def __init__(self, actor: Actor, use: Use | None = None) -> None:
        super().__init__(actor)
        self.use = use_by(actor) if use is None else use
        self._may_use_without_a_record = self.use.permits(())

    def omits_identifier(self, namespace: str) -> bool:
        """Whether not even that there is an identifier of this namespace is told."""
        return self.omits(category_of_namespace(namespace))

    def pseudonyms(self, document: Any, path: str = "") -> list[str]:
        """The paths of the pseudonyms in what this let through."""
        return [] if self.hashes_nothing else pseudonyms_in(document, path)

    def traits(
        self, traits: Mapping[str, Any], provenance: Mapping[str, Mapping[str, Any]]
    ) -> tuple[dict[str, Any], list[str]]:
        """The visible traits, of those that may be used, and the keys of what is hidden."""
        if not self.sees_all_sources:
            traits = {key: value for key, value in traits.items() if self._came(provenance[key])}
        if self.use is ANY_USE:
            return self.document(traits, category_of_trait)
        usable = {key: value for key, value in traits.items() if self._may_use(provenance[key])}
        visible, hidden = self.document(usable, category_of_trait)
        unusable = (key for key in traits if key not in usable and not self.omits(category_of_trait(key)))
        return visible, [*hidden, *unusable]

    def _came(self, origin: Mapping[str, Any]) -> bool:
        """Whether it came from a source that the actor may see; what no source told, nobody hides."""
        return "source" not in origin or self.sees_source(origin["source"])

    def _may_use(self, origin: Mapping[str, Any]) -> bool:
        recorded = origin.get("purposes")
        return self.use.permits(recorded) if recorded else self._may_use_without_a_record

    def document(
        self,
        document: Mapping[str, Any],
        category_of: CategoryOf,
        path: str = "",
        refused: frozenset[str] = frozenset(),
    ) -> tuple[dict[str, Any], list[str]]:
        """The visible part of a document, and the paths of what is hidden, as `address.street`.

        A key inside another has the category of the outer one unless it has one of its own. `refused` are the paths of
        what may not be used, as `compliance.consent` has them (`properties.items[].sku`).
        """
        visible: dict[str, Any] = {}
        hidden: list[str] = []
        for key, value in document.items():
            category = category_of(key)
            is_refused = bool(refused) and path + shared_name(key) in refused
            form = Form.MASKED if is_refused and not self.omits(category) else self.form(category)
            if form is Form.CLEAR:
                if isinstance(value, dict | list):
                    place = _Place(f"{path}{key}.", path, shared_name(key), refused)
                    value = self._inside(value, category_of, place, hidden)  # noqa: PLW2901 -- what is shown of it
                visible[key] = value
            elif form is Form.HASHED:
                visible[key] = shown_as(form, value)
            elif form is Form.MASKED:
                hidden.append(path + key)
        return visible, hidden

    def _inside(self, value: Any, category_of: CategoryOf, place: "_Place", hidden: list[str]) -> Any:
        if isinstance(value, list):
            within = place._replace(within=f"{place.within}[]")
            return [self._inside(item, category_of, within, hidden) for item in value]
        if not isinstance(value, dict):
            return value
        visible = {}
        for key, inner in value.items():
            where = path_within(place.within, key)
            form = self._form_within(category_of(key, where), is_refused=place.field + where in place.refused)
            if form is Form.CLEAR:
                deeper = place._replace(path=f"{place.path}{key}.", within=where)
                visible[key] = self._inside(inner, category_of, deeper, hidden)
            elif form is Form.HASHED:
                visible[key] = shown_as(form, inner)
            elif form is Form.MASKED and place.path + key not in hidden:
                hidden.append(place.path + key)
        return visible

    def _form_within(self, category: Category, *, is_refused: bool) -> Form:
        """What is not classified within another value has the form of the outer one, which is clear."""
        if is_refused:
            return Form.HIDDEN if self.omits(category) else Form.MASKED
        return Form.CLEAR if category is Category.UNCLASSIFIED else self.form(category)


class _Place(NamedTuple):
    """Where a value stands: `path` as people read it, and `within` the `field` of the event as the catalogue has it."""

    path: str
    field: str
    within: str
    refused: frozenset[str]
