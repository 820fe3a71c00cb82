"""Where identifiers stand in an event, and how to read and to blank them there.

A path names fields from the outside in: `traits.email`. Several joined by `+` make one value, its parts parted by
tabs; one that ends in `?` may be missing: `traits.postcode+traits.house_number+traits.country?`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Path = tuple[str, ...]

_NOT_IDENTIFIERS = frozenset({bool, dict, list, float, type(None)})
_PARTED = "\t"


class Places(Generic[T]):
    """Paths, each with what the values there are. Immutable; any thread may use it."""

    def __init__(self, paths: Iterable[tuple[str, T]]) -> None:
        self._written = tuple(paths)
        self._paths = [([_part(each) for each in path.split("+")], tag) for path, tag in self._written]
        self._fields: list[tuple[str, T, list[_Part]]] = []
        self._nested: dict[str, dict[Path, list[tuple[str, T, list[_Part]]]]] = {}
        for (((*parents, name), _), *more), tag in self._paths:
            if not parents:
                self._fields.append((name, tag, more))
            else:
                plan = self._nested.setdefault(parents[0], {})
                plan.setdefault(tuple(parents[1:]), []).append((name, tag, more))
        self._has_joined = any(more for (_, *more), _ in self._paths)

    def __bool__(self) -> bool:
        return bool(self._written)

    @property
    def tags(self) -> list[T]:
        """What the values are, a tag for each path."""
        return [tag for _, tag in self._written]

    def of(self, tags: Collection[T]) -> "Places[T]":
        """Those of these tags."""
        return Places((path, tag) for path, tag in self._written if tag in tags)

    def values(self, event: Mapping[str, Any]) -> list[tuple[T, str]]:
        """The values that may identify somebody, as text; the traits of a group call are not the person's."""
        found: list[tuple[T, str]] = []
        for name, tag, more in self._fields:
            if (value := event.get(name)).__class__ not in _NOT_IDENTIFIERS:
                _take(event, tag, value, more, found)
        is_group = event["type"] == "group"
        for root, plan in self._nested.items():
            document = event.get(root)
            if not document or document.__class__ is not dict or (is_group and root == "traits"):
                continue
            for parents, entries in plan.items():
                inner: Any = document
                for parent in parents:
                    inner = inner.get(parent)
                    if inner.__class__ is not dict:
                        break
                else:
                    for name, tag, more in entries:
                        if (value := inner.get(name)).__class__ not in _NOT_IDENTIFIERS:
                            _take(event, tag, value, more, found)
        return found

    def named_in(self, events: Collection[Mapping[str, Any]]) -> dict[T, set[str]]:
        """What `values` finds in any of them, by what it is. Hot: one place in all of them is looked at before the next."""
        found: dict[T, set[str]] = {}
        if self._has_joined:
            for tag, text in chain.from_iterable(map(self.values, events)):
                found.setdefault(tag, set()).add(text)
            return found
        _take_all(events, self._fields, found)
        for root, plan in self._nested.items():
            documents = [
                document
                for event in events
                if (document := event.get(root)).__class__ is dict
                and not (root == "traits" and event["type"] == "group")
            ]
            for parents, entries in plan.items():
                inner = documents
                for parent in parents:
                    inner = [below for each in inner if (below := each.get(parent)).__class__ is dict]
                _take_all(inner, entries, found)
        return found

    def without(self, event: Mapping[str, Any], unwanted: Callable[[T, str], bool]) -> dict[str, Any]:
        """A copy of the event that has no value where an unwanted one stands."""
        copy: dict[str, Any] = deepcopy(dict(event))
        for [(path, _), *more], tag in self._paths:
            value = value_at(copy, path)
            found: list[tuple[T, str]] = []
            if value.__class__ not in _NOT_IDENTIFIERS:
                _take(copy, tag, value, more, found)
            if found and unwanted(*found[0]):
                for each in (path, *(part for part, _ in more)):
                    _blank(copy, each)
        return copy

    def is_opaque(self, event: Mapping[str, Any]) -> bool:
        """Whether at one of the paths stands what cannot be looked through, and might hold anything."""
        return any(_is_opaque(event, path) for parts, _ in self._paths for path, _ in parts)


_Part = tuple[Path, bool]


def _part(written: str) -> _Part:
    """The path, and whether it must be there."""
    return tuple(written.strip().removesuffix("?").split(".")), not written.strip().endswith("?")


def value_at(document: Mapping[str, Any], path: Path) -> Any:
    """What stands at the path, or None."""
    value: Any = document
    for name in path:
        if value.__class__ is not dict:
            return None
        value = value.get(name)
    return value


def _is_opaque(event: Mapping[str, Any], path: Path) -> bool:
    value: Any = event
    for name in path:
        if not isinstance(value, dict):
            return bool(value)
        value = value.get(name)
    return isinstance(value, dict | list) and bool(value)


def _take(
    event: Mapping[str, Any], tag: T, value: Any, more: list[_Part], found: list[tuple[T, str]]
) -> None:
    text = value if value.__class__ is str else str(value)
    if not more:
        found.append((tag, text))
        return
    parts = [text.replace(_PARTED, " ")]
    for path, is_needed in more:
        value = value_at(event, path)
        if value.__class__ in _NOT_IDENTIFIERS or value == "":
            if is_needed:
                return
            value = ""
        parts.append(str(value).replace(_PARTED, " "))
    found.append((tag, _PARTED.join(parts)))


def _take_all(
    documents: Iterable[Mapping[str, Any]],
    entries: list[tuple[str, T, list[_Part]]],
    found: dict[T, set[str]],
) -> None:
    for name, tag, _ in entries:
        texts = [
            value if value.__class__ is str else str(value)
            for each in documents
            if (value := each.get(name)).__class__ not in _NOT_IDENTIFIERS
        ]
        if texts:
            found.setdefault(tag, set()).update(texts)


def _blank(event: dict[str, Any], path: Path) -> None:
    document = value_at(event, path[:-1]) if path[:-1] else event
    if document.__class__ is dict and path[-1] in document:
        document[path[-1]] = None
