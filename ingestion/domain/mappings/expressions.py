"""An expression, compiled: a plain name or a path of names is looked up directly, all else is JMESPath."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.interpreter import BoundedInterpreter
from ingestion.domain.mappings.limits import MAX_EXPRESSION, MAX_EXPRESSION_DEPTH

Expression = Callable[[Any], Any]
_NAME = r'(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\`\x00-\x1f]+")'
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME})*")
_NAMES = re.compile(_NAME)


class BadExpression(ValueError):
    """The expression cannot be used; the message says why."""


def compile_expression(written: str) -> Expression:
    """What looks the expression up in a record; it raises PartFailed. Raises BadExpression."""
    text = written.strip()
    if not text:
        raise BadExpression("is empty: name a field of the record")
    if len(text) > MAX_EXPRESSION:
        raise BadExpression(f"has more than {MAX_EXPRESSION} characters")
    if _PATH.fullmatch(text):
        names = [name.strip('"') for name in _NAMES.findall(text)]
        return _field(names[0]) if len(names) == 1 else _path(tuple(names))
    return _searched(_parsed(text))


def _field(name: str) -> Expression:
    def look_up(record: Any) -> Any:
        try:
            return record.get(name)
        except AttributeError:  # no object; this way costs nothing for those that are
            return None

    return look_up


def _path(names: tuple[str, ...]) -> Expression:
    def look_up(record: Any) -> Any:
        for name in names:
            if record.__class__ is not dict:
                return None
            record = record.get(name)
        return record

    return look_up


def _searched(tree: dict[str, Any]) -> Expression:
    def search(record: Any) -> Any:
        try:
            return BoundedInterpreter().visit(tree, record)
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
