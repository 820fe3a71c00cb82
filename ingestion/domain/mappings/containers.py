"""The objects of an event, such as its properties: a whole object of the record, or values by their keys."""

from collections.abc import Mapping
from typing import Any

from ingestion.domain.events.limits import MAX_KEY
from ingestion.domain.mappings.errors import FieldProblem, PartFailed, RecordProblem
from ingestion.domain.mappings.parts import ABSENT, KEPT_NULL, BadPart, Part, Zone, compile_part

Item = dict[str, Any]


class Container:
    """Values by key, compiled. With `nests`, a key such as `campaign.name` is a place in objects within objects."""

    def __init__(self, whole: Part | None, parts: Mapping[str, Part], field: str, *, nests: bool) -> None:
        self._whole, self._field, self.nests = whole, field, nests
        self.parts = [(key, part, f"{field}.{key}") for key, part in parts.items()]

    @property
    def is_of_parts(self) -> bool:
        """Whether it holds nothing but its parts."""
        return self._whole is None

    def fill(self, scope: Any) -> Item:
        """The object for this record. Raises RecordFailed."""
        filled: Item = self._began(scope) if self._whole is not None else {}
        for key, part, field in self.parts:
            try:
                value = part(scope)
            except PartFailed as failed:
                raise RecordFailed(failed, field) from None
            if value is ABSENT:
                continue
            if value is KEPT_NULL:
                value = None
            if self.nests and "." in key:
                put(filled, key.split("."), value)
            else:
                filled[key] = value
        return filled

    def _began(self, scope: Any) -> Item:
        assert self._whole is not None, "the caller looked"
        try:
            value = self._whole(scope)
        except PartFailed as failed:
            raise RecordFailed(failed, self._field) from None
        if value is ABSENT:
            return {}
        if value.__class__ is not dict:
            raise RecordFailed(PartFailed("bad_value", "is not an object"), self._field)
        return dict(value)


class RecordFailed(Exception):
    """An event cannot be made of this record."""

    def __init__(self, failed: PartFailed, field: str) -> None:
        super().__init__(failed.reason)
        self.problem = RecordProblem(failed.code, field, failed.reason)

    @classmethod
    def of(cls, problem: RecordProblem) -> "RecordFailed":
        """The same problem again."""
        return cls(PartFailed(problem.code, problem.reason), problem.field)


def compile_container(
    written: Any, field: str, zone: Zone, problems: list[FieldProblem], *, nests: bool = False
) -> Container:
    """The container. A text is an expression for the whole object; in an object, the key `*` is. Adds to `problems`."""
    if isinstance(written, str):
        written = {"*": written}
    if not isinstance(written, dict):
        problems.append(
            FieldProblem(field, "should be an object of values by key, or an expression for all of it")
        )
        return Container(None, {}, field, nests=nests)
    parts: dict[str, Part] = {}
    for key, value in written.items():
        place = f"{field}.{key}"[:MAX_KEY]
        if not 0 < len(key) <= MAX_KEY:
            problems.append(FieldProblem(place, f"a key has 1 to {MAX_KEY} characters"))
            continue
        try:
            parts[key] = compile_part(value, zone)
        except BadPart as error:
            problems.append(FieldProblem(place, str(error)))
    whole = parts.pop("*", None)
    return Container(whole, parts, field, nests=nests)


def put(target: Item, path: list[str], value: Any) -> None:
    """Put the value into objects within objects; what stands in the way is replaced."""
    for name in path[:-1]:
        inner = target.get(name)
        if inner.__class__ is not dict:
            inner = {}
        # A copy: it may be an object of the record.
        target[name] = target = dict(inner)
    target[path[-1]] = value
