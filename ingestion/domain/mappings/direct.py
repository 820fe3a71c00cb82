"""JMESPath without an interpreter, where an expression looks at no more than it has words: most conditions and choices.

What goes over the items of a list, or compares what a record holds with what it holds, is left to the interpreter, which
counts what it looks at.
"""

from collections.abc import Callable
from numbers import Number
from typing import Any

from jmespath.visitor import TreeInterpreter

Node = dict[str, Any]
Step = Callable[[Any], Any]
_SIZED = (str, list, dict)
_FALSE: tuple[Any, ...] = ("", [], {})


def direct(node: Node) -> Step | None:
    """What evaluates the expression; None when it has to be interpreted. It raises TypeError as the interpreter does."""
    make = _MAKERS.get(node["type"])
    return make(node) if make is not None else None


def _steps(node: Node) -> list[Step] | None:
    found = [direct(child) for child in node["children"]]
    return None if None in found else [step for step in found if step is not None]


def _field(node: Node) -> Step:
    name = node["value"]

    def field(value: Any) -> Any:
        try:
            return value.get(name)
        except AttributeError:
            return None

    return field


def _index(node: Node) -> Step:
    place = node["value"]

    def index(value: Any) -> Any:
        return value[place] if isinstance(value, list) and -len(value) <= place < len(value) else None

    return index


def _chain(node: Node) -> Step | None:
    steps = _steps(node)
    if steps is None:
        return None

    def chain(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return chain


def _either(node: Node) -> Step | None:
    if (steps := _steps(node)) is None:
        return None
    first, second = steps

    def either(value: Any) -> Any:
        found = first(value)
        return second(value) if _is_false(found) else found

    return either


def _both(node: Node) -> Step | None:
    if (steps := _steps(node)) is None:
        return None
    first, second = steps

    def both(value: Any) -> Any:
        found = first(value)
        return found if _is_false(found) else second(value)

    return both


def _negation(node: Node) -> Step | None:
    if (steps := _steps(node)) is None:
        return None
    (inner,) = steps

    def negation(value: Any) -> Any:
        found = inner(value)
        is_zero = found == 0 and found.__class__ is not bool and isinstance(found, Number)
        return False if is_zero else not found

    return negation


def _comparison(node: Node) -> Step | None:
    """Only whether something is a text, a number, true, false or null that stands in the expression."""
    known = [
        child["type"] == "literal" and not isinstance(child["value"], list | dict)
        for child in node["children"]
    ]
    steps = _steps(node)
    if node["value"] not in {"eq", "ne"} or not any(known) or steps is None:
        return None
    compare: Callable[[Any, Any], bool] = TreeInterpreter.COMPARATOR_FUNC[node["value"]]
    first, second = steps
    return lambda value: compare(first(value), second(value))


def _length(node: Node) -> Step | None:
    steps = _steps(node) if node["value"] == "length" else None
    if steps is None or len(steps) != 1:
        return None
    (inner,) = steps

    def length(value: Any) -> int:
        found = inner(value)
        if found.__class__ not in _SIZED:
            raise TypeError("only texts, lists and objects have a length")
        return len(found)

    return length


def _is_false(value: Any) -> bool:
    return value is None or value is False or value in _FALSE


_MAKERS: dict[str, Callable[[Node], Step | None]] = {
    "field": _field, "index": _index, "subexpression": _chain, "index_expression": _chain, "pipe": _chain,
    "or_expression": _either, "and_expression": _both, "not_expression": _negation, "comparator": _comparison,
    "function_expression": _length, "literal": lambda node: lambda _: node["value"],
    "current": lambda _: lambda value: value, "identity": lambda _: lambda value: value,
}  # fmt: skip
