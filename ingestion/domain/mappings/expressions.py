"""An expression, compiled: a plain name or a path of names is looked up directly, all else is JMESPath.

Of that, what is simple is a chain of functions (`direct`), and what is not is interpreted (`interpreter`).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from ingestion.domain.mappings.direct import direct
from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.interpreter import BoundedInterpreter
from ingestion.domain.mappings.limits import MAX_EXPRESSION, MAX_EXPRESSION_DEPTH

Expression = Callable[[Any], Any]
_NAME = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\`\x00-\x1f]+")'
_PLACE = r"\[-?[0-9]{1,6}\]"
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME}|{_PLACE})*")
_STEPS = re.compile(rf"({_NAME})|\[(-?[0-9]+)\]")


class BadExpression(ValueError):
    """The expression cannot be used; the message says why."""


def compile_expression(written: str) -> Expression:
    """What looks the expression up in a record; it raises PartFailed. Raises BadExpression."""
    text = written.strip()
    if not text:
        raise BadExpression("is empty: name a field of the record")
    if len(text) > MAX_EXPRESSION:
        raise BadExpression(f"has more than {MAX_EXPRESSION} characters")
    if steps := steps_of(text):
        return _field(str(steps[0])) if len(steps) == 1 else _path(steps)
    return _searched(_parsed(text))


def steps_of(written: str) -> tuple[str | int, ...] | None:
    """The names, and places in lists, that the expression goes along, from the outside in, when it is nothing else."""
    text = written.strip()
    if len(text) > MAX_EXPRESSION or not _PATH.fullmatch(text):
        return None
    return tuple(int(place) if place else name.strip('"') for name, place in _STEPS.findall(text))


def _field(name: str) -> Expression:
    def look_up(record: Any) -> Any:
        try:
            return record.get(name)
        except AttributeError:  # no object; this way costs nothing for those that are
            return None

    return look_up


def _path(steps: tuple[str | int, ...]) -> Expression:
    def look_up(record: Any) -> Any:
        for step in steps:
            if record.__class__ is dict:
                record = record.get(step) if step.__class__ is str else None
            elif record.__class__ is list and step.__class__ is int:
                record = record[step] if -len(record) <= step < len(record) else None
            else:
                return None
        return record

    return look_up


def _searched(tree: dict[str, Any]) -> Expression:
    evaluate = direct(tree) or (lambda record: BoundedInterpreter().visit(tree, record))

    def search(record: Any) -> Any:
        try:
            return evaluate(record)
        except (
            JMESPathError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
            RecursionError,
        ):
            # The message would repeat the value.
            raise PartFailed(
                "bad_expression", "the expression cannot be applied to what the record holds"
            ) from None

    return search


def _parsed(text: str) -> dict[str, Any]:
    try:
        tree: dict[str, Any] = jmespath.compile(text).parsed
    except (JMESPathError, ValueError, Warning) as error:
        raise BadExpression(f"is not JMESPath: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise BadExpression("is nested too deeply") from None
    for node, depth in _nodes(tree):
        if depth > MAX_EXPRESSION_DEPTH:
            raise BadExpression("is nested too deeply")
        if node.get("type") == "function_expression" and node["value"] not in Functions.FUNCTION_TABLE:
            raise BadExpression(f"there is no function {node['value']}() in JMESPath")
    return tree


def _nodes(tree: dict[str, Any]) -> Iterator[tuple[dict[str, Any], int]]:
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        pending.extend((child, depth + 1) for child in node.get("children", ()) if isinstance(child, dict))
