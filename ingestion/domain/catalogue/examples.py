"""Which example values may be kept: never those of keys that may hold personal data. docs/adr/0094."""

from collections.abc import Mapping

import orjson

from compliance.classification import property_by_name, trait_by_name
from compliance.enums import Category
from ingestion.domain.catalogue.observing import MAX_EXAMPLES, Key
from ingestion.domain.catalogue.shapes import shape_of
from ingestion.enums import KeyKind

SHOWABLE = frozenset({Category.BEHAVIOUR, Category.TRANSACTIONS})
_MANY_SHAPES = 5


def category_of(key: Key, decided: str) -> Category:
    """What was decided of a key, else what its name says."""
    if decided:
        return Category(decided)
    return trait_by_name(key.name) if key.kind == KeyKind.TRAIT else property_by_name(key.name)


def may_keep_examples(category: Category, hints: Mapping[str, int]) -> bool:
    """Whether values of such a key may be kept: of a category that tells nobody's name, and none looked like contact data."""
    return category in SHOWABLE and not hints


def kept_examples(
    known: Mapping[str, int], new: Mapping[str, int], *, has_more: bool
) -> tuple[dict[str, int], bool]:
    """The examples with their counts, and whether there are more. Of many texts only their shapes are kept."""
    together = dict(known)
    for text, times in new.items():
        if text in together or len(together) < MAX_EXAMPLES:
            together[text] = together.get(text, 0) + times
        else:
            has_more = True
    if not has_more:
        return together, False
    shapes: dict[str, int] = {}
    for text, times in together.items():
        shape = _shape(text)
        if shape in shapes or len(shapes) < _MANY_SHAPES:
            shapes[shape] = shapes.get(shape, 0) + times
    return shapes, True


def _shape(example: str) -> str:
    value = orjson.loads(example)
    return orjson.dumps(shape_of(value)).decode() if isinstance(value, str) else example
