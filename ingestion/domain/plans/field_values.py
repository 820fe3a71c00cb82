"""Single rules of a property as texts in a form, and back."""

import csv
from typing import Any

from ingestion.domain.plans.document import PlanError
from ingestion.domain.values import read_number

BOUNDS = {
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
}
"""What a smallest and a largest are called, by type."""

MAX_LISTED = 500
_COUNTED = frozenset({"string", "array"})


def type_text(value: Any) -> str:
    """The type as a form has it: `string`, or `string|null`; an empty text for any."""
    if isinstance(value, list):
        return "|".join(each for each in value if isinstance(each, str))
    return value if isinstance(value, str) else ""


def listed(values: Any) -> str:
    """Allowed values with commas between them; an empty text when some are neither texts nor numbers, or look alike."""
    if not isinstance(values, list) or not all(_is_plain(each) for each in values):
        return ""
    texts = [str(each) for each in values]
    return ", ".join(map(_quoted, texts)) if len(set(texts)) == len(texts) else ""


def read_listed(text: str, type_: Any, path: str, was: Any = ()) -> list[Any]:
    """The allowed values of a text: numbers where the property is one, else of the kind that they `was`. Raises PlanError."""
    [row] = (
        csv.reader([text.replace("\r", "").replace("\n", ", ")], skipinitialspace=True)
        if text.strip()
        else [[]]
    )
    values = list(dict.fromkeys(each.strip() for each in row if each.strip()))
    if len(values) > MAX_LISTED:
        raise PlanError(
            f"`{path}` has {len(values):,} allowed values; at most {MAX_LISTED} can be listed here"
        )
    return _of_type(values, _plain_type(type_), path, was if isinstance(was, list) else [])


def _of_type(texts: list[str], type_: str, path: str, was: list[Any]) -> list[Any]:
    known = {str(each): each for each in was if _is_plain(each)}
    if type_ in ("number", "integer") or (not type_ and known and all(map(_is_number, known.values()))):
        return [known[each] if _is_number(known.get(each)) else _number(each, path) for each in texts]
    if texts and type_ not in ("", "string"):
        raise PlanError(f"`{path}` can have allowed values here when it is a text or a number")
    return [each if type_ else known.get(each, each) for each in texts]


def bound_of(node: Any) -> tuple[str, str]:
    """The smallest and the largest of a property, or how long it may be."""
    words = BOUNDS.get(_plain_type(node.get("type")))
    low, high = (node.get(word) for word in words) if words else (None, None)
    return (str(low) if _is_number(low) else "", str(high) if _is_number(high) else "")


def read_bound(text: str, place: int, type_: str, path: str) -> tuple[str, Any]:
    """The word of the smallest (place 0) or largest (1), and its number. Raises PlanError."""
    plain = _plain_type(type_.split("|"))
    words = BOUNDS.get(plain)
    if words is None:
        raise PlanError(f"`{path}` can have a smallest and a largest when it is a number, a text or a list")
    number = _number(text, path)
    if plain in _COUNTED and (not isinstance(number, int) or number < 0):
        raise PlanError(f"`{path}`: how long it may be is a whole number, not {text[:40]!r}")
    return words[place], number


def _plain_type(value: Any) -> str:
    """The one type of a property that may also be null; an empty text for any, and for several."""
    types = [each for each in (value if isinstance(value, list) else [value]) if each not in ("null", None)]
    return str(types[0]) if len(types) == 1 else ""


def _number(text: str, path: str) -> Any:
    try:
        return read_number(text.strip())
    except ValueError:
        raise PlanError(f"`{path}` is a number, so that {text[:40]!r} cannot stand there") from None


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def _is_plain(value: Any) -> bool:
    return _is_number(value) or (
        isinstance(value, str) and value.strip() == value != "" and "\n" not in value
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
