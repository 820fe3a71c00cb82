"""What name and content of a key suggest: a category with its reason, and the purposes that go with a category."""

from collections.abc import Mapping

from compliance.enums import Category
from ingestion.domain.catalogue.examples import category_of
from ingestion.domain.catalogue.observing import Key
from ingestion.domain.catalogue.shapes import HINTS

_ENOUGH = 0.1  # of the texts that were looked at
_RANK = (
    Category.SPECIAL, Category.CONTACT, Category.IDENTITY, Category.LOCATION, Category.TRANSACTIONS,
    Category.BEHAVIOUR, Category.UNCLASSIFIED,
)  # fmt: skip

_PURPOSES: dict[Category, tuple[str, ...]] = {
    Category.IDENTITY: ("service",),
    Category.CONTACT: ("service", "marketing"),
    Category.BEHAVIOUR: ("analytics", "personalisation"),
    Category.TRANSACTIONS: ("service", "analytics"),
    Category.LOCATION: ("service", "personalisation"),
    Category.SPECIAL: ("service",),
    Category.UNCLASSIFIED: (),
}


def proposed_category(
    key: Key, types: Mapping[str, int], hints: Mapping[str, int], *, is_nested: bool = False
) -> tuple[Category, str]:
    """The category that is proposed, and why. What nothing gives away is proposed as nothing: UNCLASSIFIED."""
    by_name = category_of(key, "", is_nested=is_nested)
    texts = types.get("string", 0)
    found = [
        (HINTS[hint], times)
        for hint, times in hints.items()
        if hint in HINTS and times >= _ENOUGH * texts > 0
    ]
    if found:
        (words, category), times = max(found, key=lambda each: (each[1], each[0][0]))
        if by_name == Category.UNCLASSIFIED or _RANK.index(category) < _RANK.index(by_name):
            return category, f"{times:,} of {texts:,} values look like {words}"
    if by_name == Category.UNCLASSIFIED:
        return by_name, "neither its name nor its values give it away"
    return by_name, f"its name is one of {by_name.value} data"


def proposed_purposes(category: Category, known: frozenset[str]) -> list[str]:
    """The purposes that usually go with a category, of those that this installation has."""
    return [key for key in _PURPOSES[category] if key in known]
