"""Values of traits as people read them, grouped by category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from compliance.access import category_of_namespace
from compliance.enums import Category
from profiles.admin.faces import words_of
from profiles.domain.queries import HeldIdentifier, Page, Trait

_TITLES = {
    Category.IDENTITY: "Identity",
    Category.CONTACT: "Contact",
    Category.BEHAVIOUR: "Behaviour",
    Category.TRANSACTIONS: "Purchases",
    Category.LOCATION: "Place",
    Category.SPECIAL: "Specially protected",
    Category.UNCLASSIFIED: "Not classified",
}


@dataclass(frozen=True, slots=True)
class ShownTrait:
    """A trait with its value in words. `is_long` where it does not fit on a line."""

    trait: Trait
    label: str
    text: str
    is_long: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The traits of a category, and who may see them, as a list in words."""

    category: Category
    title: str
    roles: str
    traits: list[ShownTrait]

    @property
    def hides(self) -> bool:
        """Whether any of them is masked."""
        return any(each.trait.is_masked for each in self.traits)


def groups_of(traits: Sequence[Trait], roles: Mapping[Category, Sequence[str]]) -> list[Group]:
    """The traits, which stand in order of their category, by category."""
    return [
        Group(
            category, _TITLES[category], listed(roles.get(category, [])), [shown_trait(each) for each in same]
        )
        for category, same in groupby(traits, key=lambda trait: trait.category)
    ]


def shown_trait(trait: Trait) -> ShownTrait:
    """The trait with its value in words."""
    text = text_of(trait.value)
    return ShownTrait(trait, words_of(trait.key), text, "\n" in text)


def text_of(value: Any) -> str:
    """A value in words: texts as they are, yes and no, what is flat with commas, anything deeper as JSON."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(map(_is_flat, value)):
        return ", ".join(map(text_of, value))
    if isinstance(value, dict) and all(map(_is_flat, value.values())):
        return ", ".join(f"{words_of(key).lower()} {text_of(each)}" for key, each in value.items())
    if isinstance(value, list | dict):
        return pretty(value)
    return "" if value is None else str(value)


def _is_flat(value: Any) -> bool:
    return isinstance(value, str | int | float) or value is None


def pretty(document: Any) -> str:
    """JSON to be read."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2, default=str).decode()


def held_identifiers(
    page: Page[HeldIdentifier], roles: Mapping[Category, Sequence[str]]
) -> list[tuple[HeldIdentifier, str]]:
    """Each identifier with the roles that may see it, as a list in words."""
    return [(each, listed(roles.get(category_of_namespace(each.namespace), []))) for each in page.items]


def listed(names: Sequence[str]) -> str:
    """Names as a list in words."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
