"""JMESPath with bounded work: `[@, @] | [@, @] | …` doubles what it holds with every six characters."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from ingestion.domain.mappings.errors import PartFailed
from ingestion.domain.mappings.limits import MAX_WORK, TEXT_SHARE

Node = dict[str, Any]


class BoundedInterpreter(TreeInterpreter):
    """Evaluates one expression for one record. Raises PartFailed when it would look at too much."""

    def __init__(self) -> None:
        # What the class above makes anew for each expression is made once: it costs as much as a short expression.
        self._dict_cls, self._functions, self._left = dict, _FUNCTIONS, MAX_WORK

    def visit(self, node: Node, *args: Any, **kwargs: Any) -> Any:
        """The value of a part of the expression."""
        self._left -= 1
        if self._left < 0:
            self._spend(0)
        value = _visit_of(node["type"])(self, node, *args, **kwargs)
        if value.__class__ is list:
            self._spend(len(value) // TEXT_SHARE)
        return value

    def visit_multi_select_list(self, node: Node, value: Any) -> Any:
        """A list of several values; what it holds counts, because the next one may hold it twice."""
        return self._weighed(super().visit_multi_select_list(node, value))

    def visit_multi_select_dict(self, node: Node, value: Any) -> Any:
        """An object of several values, likewise."""
        return self._weighed(super().visit_multi_select_dict(node, value))

    def visit_comparator(self, node: Node, value: Any) -> Any:
        """A comparison, of values weighed before."""
        left, right = (self._weighed(self.visit(child, value)) for child in node["children"])
        literal = [{"type": "literal", "value": each} for each in (left, right)]
        return super().visit_comparator({**node, "children": literal}, value)

    def visit_function_expression(self, node: Node, value: Any) -> Any:
        """A function of arguments weighed before."""
        arguments = [self._weighed(self.visit(child, value)) for child in node["children"]]
        if node["value"] == "join" and len(arguments) == 2 and isinstance(arguments[0], str):  # noqa: PLR2004
            self._spend(
                len(arguments[0]) * (len(arguments[1]) if arguments[1].__class__ is list else 1) // TEXT_SHARE
            )
        return self._weighed(self._functions.call_function(node["value"], arguments))

    def _weighed(self, value: Any) -> Any:
        pending = [value]
        while pending:
            each = pending.pop()
            if each.__class__ is str:
                self._spend(1 + len(each) // TEXT_SHARE)
            elif each.__class__ is list:
                self._spend(1 + len(each))
                pending.extend(each)
            elif each.__class__ is dict:
                self._spend(1 + len(each))
                pending.extend(each.values())
        return value

    def _spend(self, work: int) -> None:
        self._left -= work
        if self._left < 0:
            raise PartFailed("too_much_work", "the expression looks at more values than one record may cost")


_FUNCTIONS = Functions()  # without state


@cache
def _visit_of(kind: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(BoundedInterpreter, f"visit_{kind}")
    return method
