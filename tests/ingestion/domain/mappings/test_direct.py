"""Expressions that are evaluated without an interpreter say what the interpreter says."""

from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from ingestion.domain.mappings.direct import direct
from ingestion.domain.mappings.interpreter import BoundedInterpreter

NAMES = st.sampled_from(["a", "b", "items"])
LITERALS = st.sampled_from(
    ["`0`", "`1`", "`true`", "`false`", "`null`", "''", "'x'", "`[]`", "`{}`", "`[0]`"]
)
SCALARS = st.sampled_from(["`0`", "`1`", "`1.0`", "`true`", "`false`", "`null`", "''", "'x'"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, NAMES).map(lambda each: f"({each[0]}).{each[1]}"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda each: f"({each[0]})[{each[1]}]"),
        st.tuples(inner, st.sampled_from(["||", "&&", "|"]), inner).map(
            lambda each: f"({each[0]} {each[1]} {each[2]})"
        ),
        st.tuples(inner, st.sampled_from(["==", "!="]), SCALARS).map(
            lambda each: f"({each[0]} {each[1]} {each[2]})"
        ),
        st.tuples(SCALARS, st.sampled_from(["==", "!="]), inner).map(
            lambda each: f"({each[0]} {each[1]} {each[2]})"
        ),
        inner.map(lambda each: f"!({each})"),
        inner.map(lambda each: f"length({each})"),
    )


EXPRESSIONS = st.recursive(NAMES | LITERALS | st.just("@"), _larger, max_leaves=6)
VALUES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, 2.5, "", "x", "0"])
RECORDS = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def said(evaluate: Any, record: Any) -> Any:
    try:
        return repr(evaluate(record))
    except (JMESPathError, TypeError):
        return "it cannot be applied"


@settings(max_examples=600, deadline=None)
@given(EXPRESSIONS, RECORDS)
def test_what_is_simple_says_what_the_interpreter_says(text: str, record: Any) -> None:
    tree = jmespath.compile(text).parsed
    evaluate = direct(tree)
    assert evaluate is not None
    assert said(evaluate, record) == said(lambda value: BoundedInterpreter().visit(tree, value), record)


@pytest.mark.parametrize(
    "text",
    ["items[*].a", "items[?a]", "[a, b]", "{x: a}", "sort(items)", "length(items[*])", "a == b", "a < `1`", "a == `[0]`",
     "length(a, b)", "items[0:2]", "a || sort(b)", "!(a == b)"],
)  # fmt: skip
def test_what_may_look_at_more_than_it_has_words_is_left_to_the_interpreter(text: str) -> None:
    assert direct(jmespath.compile(text).parsed) is None
