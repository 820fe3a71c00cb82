"""Which example values may be kept: never those of keys that may hold personal data. docs/adr/0094."""

from collections.abc import Mapping

import orjson

from compliance.classification import property_by_name, trait_by_name
from compliance.enums import Category
from ingestion.domain.catalogue.nesting import own_name
from ingestion.domain.catalogue.observing import MAX_EXAMPLES, Key
from ingestion.domain.catalogue.shapes import shape_of
from ingestion.enums import KeyKind

SHOWABLE = frozenset({Category.BEHAVIOUR, Category.TRANSACTIONS})
_MANY_SHAPES = 5


def category_of(key: Key, decided: str, *, is_nested: bool = False) -> Category:
    """What was decided of a key, else what its name says; of a nested one its own name, else its whole path."""
    if decided:
        return Category(decided)
    own = _by_name(key.kind, own_name(key.name)) if is_nested else Category.UNCLASSIFIED
    return own if own is not Category.UNCLASSIFIED else _by_name(key.kind, key.name)


def may_keep_examples(key: Key, decided: str, hints: Mapping[str, int], *, is_nested: bool = False) -> bool:
    """Whether values of such a key may be kept: of a category that tells nobody's name, and none looked like contact data.

    A nested one has to say so by its own name: what it stands within may be decided on any time.
    """
    names = {key.name, own_name(key.name)} if is_nested else {key.name}
    said = {Category(decided)} if decided else {_by_name(key.kind, name) for name in names}
    return said <= SHOWABLE and not hints


def _by_name(kind: str, name: str) -> Category:
    return trait_by_name(name) if kind == KeyKind.TRAIT else property_by_name(name)


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
