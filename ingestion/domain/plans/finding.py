"""What in an event breaks its plan. Hot for sources that break theirs: see benchmarks/plans.py. Knows no Django.

What is found names keys, never values; ids that are keys are data, and have one name.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from compliance.key_paths import shared_name
from ingestion.domain.catalogue.shapes import like
from ingestion.domain.plans.document import JsonObject, Kind, Validator, validator_of
from ingestion.domain.plans.paths import EACH, ITEMS, Step, Steps
from ingestion.domain.plans.violations import ON_VIOLATION

_LONGEST_PATH = 80
_MOST = 10_000  # more than an event of 32 KB can break
TYPE_WORDS = {
    "string": "a text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
    "object": "an object", "array": "a list", "null": "null",
}  # fmt: skip
_WORDS = {
    "enum": "is none of the allowed values", "const": "is not the allowed value",
    "pattern": "has not the form that the plan asks for", "minimum": "is too small", "exclusiveMinimum": "is too small",
    "maximum": "is too large", "exclusiveMaximum": "is too large", "minLength": "is too short", "maxLength": "is too long",
    "minItems": "has too few items", "maxItems": "has too many items", "uniqueItems": "has an item twice",
}  # fmt: skip
_ALONE = frozenset({"type", *_WORDS})
"""Words that look at a value only, and have one reason whatever the value is."""
_SAY_NOTHING = frozenset(
    {"title", "description", "examples", "default", "deprecated", "$comment", ON_VIOLATION}
)
_OF_EVENTS = frozenset({"type", "properties", "required", "additionalProperties"})


class Found(NamedTuple):
    """One thing that is wrong. `key` is the key of the document that it is about, if it is about one; `steps` lead there."""

    kind: Kind
    reason: str
    key: str | None
    steps: Steps = ()


class Finder:
    """Finds what is wrong with documents of one schema. Threads may share it.

    An error of the validator costs ten times as much as a check, because it carries the whole document. So what most
    schemas are, an object of properties with a few plain words each, is looked through word by word, and the reason of
    each word is made once; everything else is left to the validator.
    """

    def __init__(self, schema: JsonObject, validator: Validator, *, closed: bool) -> None:
        self._schema, self._validator, self._closed = schema, validator, closed
        self._properties: JsonObject = schema.get("properties", {})
        self._required = {key: _missing((key,)) for key in schema.get("required", ())}
        self._is_plain = (
            schema.keys() <= _OF_EVENTS | _SAY_NOTHING and schema.get("type", "object") == "object"
        )
        self._checks: dict[str, _Check] = {}

    def found(self, document: JsonObject) -> list[Found]:
        """What is wrong; many of one reason are told once."""
        if self._is_plain:
            every = self._looked_through(document)
        else:
            every = list(islice(_read_all(self._validator, document, self._schema), _MOST))
        return every if len(every) < 2 else list({(each.reason, each.key): each for each in every}.values())  # noqa: PLR2004 -- one is told once

    def _looked_through(self, document: JsonObject) -> list[Found]:
        every = [missing for key, missing in self._required.items() if key not in document]
        checks = self._checks
        for key, value in document.items():
            check = checks.get(key)
            if check is None:
                if key not in self._properties:
                    if self._closed:
                        every.append(_unplanned(key))
                    continue
                # Only now, because most keys of a plan are never broken.
                check = checks[key] = _Check(key, self._properties[key])
            if not check.is_valid(value):
                every += check.found(value)
        return every


class _Check:
    """One property, with a validator for each of its words when they are plain."""

    __slots__ = ("_key", "_reasons", "_schema", "_validator", "_words", "is_valid")

    def __init__(self, key: str, schema: Any) -> None:
        self._key, self._schema, self._validator = key, schema, validator_of(schema)
        self.is_valid: Callable[[Any], bool] = self._validator.is_valid
        self._words: list[tuple[str, Validator]] | None = None
        self._reasons: dict[str, Found] = {}
        if isinstance(schema, dict) and schema.keys() <= _ALONE | _SAY_NOTHING:
            words = [word for word in schema if word in _ALONE]
            self._words = [(word, validator_of({word: schema[word]})) for word in words]

    def found(self, value: Any) -> list[Found]:
        """What is wrong with a value of this property."""
        if self._words is None:
            return list(islice(_read_all(self._validator, value, self._schema, (self._key,)), _MOST))
        return [
            self._reasons.get(word) or self._reason(word, validator, value)
            for word, validator in self._words
            if not validator.is_valid(value)
        ]

    def _reason(self, word: str, validator: Validator, value: Any) -> Found:
        reason = self._reasons[word] = next(_read_all(validator, value, self._schema, (self._key,)))
        return reason


def _read_all(validator: Validator, value: Any, schema: Any, above: Sequence[str] = ()) -> Iterator[Found]:
    """What is wrong with a value of this schema, which stands `above`."""
    for error in validator.iter_errors(value):
        yield from _read(error, list(_parts(error.instance_path, value)), schema, above)


def _parts(path: Sequence[str | int], value: Any) -> Iterator[str | int]:
    """The path of an error in a value: the validator tells keys that are numbers as if they were places of a list."""
    for told in path:
        part = told
        if isinstance(value, dict):
            alike = (each for each in value if each.isdecimal() and int(each) == told)
            part = next(alike, str(told)) if isinstance(told, int) else told
            value = value.get(part)
        elif isinstance(value, list) and isinstance(told, int):
            value = value[told]
        yield part


def _read(error: Any, path: Sequence[str | int], schema: Any, above: Sequence[str]) -> Iterator[Found]:
    word = error.kind.name
    steps = (*above, *_steps(path, schema, is_top=not above))
    if word == "required":
        # The validator tells it of a key that is there, too, when no other keys than the planned ones may be.
        if error.kind.property not in error.instance:
            yield _missing((*steps, error.kind.property))
    elif word == "additionalProperties" and not steps:
        for key in error.kind.unexpected:
            yield _unplanned(key)
    else:
        key = next(iter((*above, *path)), None)
        yield Found(
            Kind.WRONG, f"{_path(steps)} {_what(error, word)}", key if key is None else str(key), steps
        )


def _missing(steps: Steps) -> Found:
    return Found(Kind.MISSING, f"{_path(steps)} is missing", None, steps)


def _unplanned(key: str) -> Found:
    return Found(Kind.UNPLANNED_KEY, f"{_path([like(key)])} is not in the plan", key)


def _steps(path: Sequence[str | int], schema: Any, *, is_top: bool) -> Iterator[Step]:
    """The steps of a path in a document: by the rules that hold for all keys of an object, and by ids, to EACH."""
    node = schema
    for number, part in enumerate(path):
        node = node if isinstance(node, dict) else {}
        if isinstance(part, int):
            yield ITEMS
            node = node.get("items")
        elif part in (properties := node.get("properties") or {}):
            yield part
            node = properties[part]
        else:
            node = None if is_top and not number else node.get("additionalProperties")
            yield EACH if isinstance(node, dict) or shared_name(part) == EACH.value else part


def _what(error: Any, word: str) -> str:
    if word == "type":
        return f"should be {' or '.join(TYPE_WORDS.get(each, each) for each in error.kind.types)}"
    return _WORDS.get(word, f"breaks the rule `{word}`")


def _path(steps: Sequence[Step]) -> str:
    """`products[].price`, so that the same mistake in different items is one."""
    text = "".join(
        "[]" if step is ITEMS else f".{EACH.value if step is EACH else step}" for step in steps
    ).removeprefix(".")
    return f"`{text[:_LONGEST_PATH]}`" if text else "the event"
