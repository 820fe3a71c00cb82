"""Reading what sources say under several names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def first_of(
    properties: Mapping[str, Any], names: Iterable[str], read: Callable[[Any], T | None]
) -> T | None:
    """What the first of these properties says that can be read, or None."""
    for name in names:
        if (value := properties.get(name)) is not None and (found := read(value)) is not None:
            return found
    return None
