"""What stands within the values of an event, by path: `address.city`, `items[].sku`, `prices.*`. Bounded whatever is sent.

What an object has under ids (see `compliance.key_paths`) has one path, whatever the ids are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from compliance.key_paths import EACH, shared_name, shared_path

MAX_DEPTH = 5
MAX_ITEMS = 10  # of a list, or of what stands under ids, that are looked at
MAX_PATHS = 200  # of an event


def nested_values(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The paths below the keys of the document with their values, as they stand; at most MAX_PATHS different paths."""
    known: set[str] = set()
    for name, value in named(document):
        if value.__class__ is dict or value.__class__ is list:
            for path, inner in _within(value, name, MAX_DEPTH):
                if path not in known and len(known) == MAX_PATHS:
                    return
                known.add(path)
                yield path, inner


def named(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of an object by their names: of what stands under ids the first MAX_ITEMS, all as EACH."""
    ids = 0
    for key, value in document.items():
        name = shared_name(key)
        if name == EACH:
            ids += 1
            if ids > MAX_ITEMS:
                continue
        yield name, value


def _within(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value[:MAX_ITEMS]:
            yield from _within(item, f"{path}[]", depth - 1)
    elif isinstance(value, dict):
        for name, inner in named(value):
            yield f"{path}.{name}", inner
            yield from _within(inner, f"{path}.{name}", depth - 1)


def own_name(path: str) -> str:
    """The last name of a path."""
    return path.rpartition(".")[2]


def outer_path(path: str) -> str:
    """What the last name of a path stands within: `items` for `items[].sku`."""
    outer = path.rpartition(".")[0]
    while outer.endswith("[]"):
        outer = outer[:-2]
    return outer


def names_an_id(name: str, *, is_nested: bool) -> bool:
    """Whether the name of a key holds an id: it was learned before what stands under ids had one path."""
    return (shared_path(name) if is_nested else shared_name(name)) != name
