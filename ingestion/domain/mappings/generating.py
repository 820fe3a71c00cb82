"""A rule's usual way as one function: what it names is looked up in place, because calls cost more than what they do here.

The function is written from numbers and kinds only. Nothing of a mapping's text gets into it: names, casts and keys are
values that it finds among its globals. Where it raises PartFailed or RecordFailed, the rule itself says what is wrong.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

from ingestion.domain.mappings.containers import Container, Item, put
from ingestion.domain.mappings.parts import KEPT_NULL, Constant, Named, Part
from ingestion.domain.mappings.plain import LEAST, MOST

Making = tuple[Item, Item, Item, Item]
Make = Callable[[Item], Making]
"""From a record that is an object to the fields, properties, traits and context of an event."""


class Filled(NamedTuple):
    """An object that the function fills: its name there, and what stands in it. With `nests` a key may be a place."""

    name: str
    parts: list[tuple[str, Part]]
    keeps_null: bool
    nests: bool = False


def generate(fields: list[tuple[str, Part]], *containers: Container) -> Make:
    """The function for a rule of these fields, by their keys in an item, and its properties, traits and context."""
    writing = _Writing()
    writing.fill(Filled("item", fields, keeps_null=False))
    for name, container in zip(_CONTAINERS, containers, strict=True):
        if container.is_of_parts:
            parts = [(key, part) for key, part, _ in container.parts]
            writing.fill(Filled(name, parts, keeps_null=True, nests=container.nests))
        else:
            writing.lines.append(f"{name} = {writing.bound(container.fill)}(record)")
    return writing.function()


_CONTAINERS = ("properties", "traits", "context")
_IN_RANGE = {"text": "str(value)", "": "value"}  # what an integer of 64 bits becomes
_Store = Callable[[str], str]
"""The statement that puts what this expression says into its place."""


class _Writing:
    """The source so far, and the values that it names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._globals: dict[str, Any] = {"KEPT_NULL": KEPT_NULL, "put": put}

    def bound(self, value: Any) -> str:
        """The name under which the function finds the value."""
        name = f"v{len(self._globals)}"
        self._globals[name] = value
        return name

    def fill(self, filled: Filled) -> None:
        self.lines.append(f"{filled.name} = {{}}")
        for key, part in filled.parts:
            store = self._storing(filled, key)
            if isinstance(part, Named):
                self.lines += self._looked_up(part, store)
            elif isinstance(part, Constant):
                self.lines += [] if part.value is None else [store(self.bound(part.value))]
            else:
                self.lines += self._called(part, store, keeps_null=filled.keeps_null)

    def _storing(self, filled: Filled, key: str) -> _Store:
        if filled.nests and "." in key:
            path = self.bound(key.split("."))
            return lambda value: f"put({filled.name}, {path}, {value})"
        name = self.bound(key)
        return lambda value: f"{filled.name}[{name}] = {value}"

    def _looked_up(self, part: Named, store: _Store) -> Iterable[str]:
        first, *further = part.steps
        yield f"value = get({self.bound(first)})"
        for step in further:
            if isinstance(step, str):
                yield f"value = value.get({self.bound(step)}) if value.__class__ is dict else None"
            else:
                yield f"value = value[{step}] if value.__class__ is list and {-step} <= len(value) > {step} else None"
        cast = f"value = {self.bound(part.cast)}(value)"
        if part.kind in _IN_RANGE:
            yield "if value.__class__ is str and '\\0' not in value:"
            yield f" if value: {store('value')}"
            yield f"elif value.__class__ is int and {LEAST} <= value < {MOST}: {store(_IN_RANGE[part.kind])}"
            yield "elif value is not None and value != '':"
        else:
            yield "if value is not None and value != '':"
        yield f" {cast}"
        yield f" if value is not None: {store('value')}"

    def _called(self, part: Part, store: _Store, *, keeps_null: bool) -> Iterable[str]:
        yield f"value = {self.bound(part)}(record)"
        if keeps_null:
            yield f"if value is not None: {store('None if value is KEPT_NULL else value')}"
        else:
            yield f"if value is not None and value is not KEPT_NULL: {store('value')}"

    def function(self) -> Make:
        found: dict[str, Any] = {}
        exec(_compiled("\n ".join(self.lines)), self._globals, found)  # noqa: S102 -- written here, of nothing that anybody typed
        make: Make = found["make"]
        return make


@lru_cache(maxsize=64)
def _compiled(lines: str) -> CodeType:
    source = f"def make(record):\n get = record.get\n {lines}\n return item, properties, traits, context\n"
    return compile(source, "<mapping>", "exec")
