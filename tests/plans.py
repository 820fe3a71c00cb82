"""How PostgreSQL would read tables when they are big: which it would read whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def tables_read_whole(*, joining: bool = False, of: str = "") -> Iterator[set[str]]:
    """Collects the tables of which the statements of the block can read no part by an index, even if they wanted to.

    What a test writes is small, and PostgreSQL reads small tables whole; so it is told not to. With `joining`, those
    that it may read whole where it expects so many rows that it rather joins tables, or goes through them in order, than
    looks rows up; what is asked for each row by itself is left out. `of` is a text that the statements in question have.
    """
    found: set[str] = set()
    running = False

    def explained(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal running
        if not running and of in sql and sql.lstrip().upper().startswith(("SELECT", "WITH")):
            running = True
            try:
                found.update(_read_whole(sql, parameters, joining=joining))
            finally:
                running = False
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explained):
        yield found


def _read_whole(sql: str, parameters: Any, *, joining: bool) -> Iterator[str]:
    with connection.cursor() as cursor:
        is_on = "off" if joining else "on"
        cursor.execute(f"SET enable_seqscan = off; SET enable_nestloop = {is_on}; SET enable_sort = {is_on}")
        try:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters)
            (plan,) = cursor.fetchone() or ([],)
        except psycopg.Error as error:
            raise AssertionError(f"cannot be explained: {sql}") from error
        finally:
            cursor.execute("RESET enable_seqscan; RESET enable_nestloop; RESET enable_sort")
    document = plan if isinstance(plan, list) else json.loads(plan)
    return _whole(document[0]["Plan"], joining=joining)


def _whole(node: dict[str, Any], *, joining: bool, is_bounded: bool = False) -> Iterator[str]:
    if joining and node.get("Parent Relationship") == "SubPlan":
        return
    is_bounded = is_bounded or node["Node Type"] == "Limit"
    is_enough = is_bounded and "Filter" not in node
    if "Relation Name" in node and not is_enough and not {"Index Cond", "Recheck Cond"} & node.keys():
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _whole(inner, joining=joining, is_bounded=is_bounded and node["Node Type"] in _PASSING)


# Under a limit these give row after row, without reading more than is wanted.
_PASSING = frozenset({"Limit", "Nested Loop", "Append", "Merge Append", "Subquery Scan", "Result"})
