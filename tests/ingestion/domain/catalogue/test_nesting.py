"""The paths of what stands within values: bounded, and the same whatever the ids in it are."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compliance.key_paths import shared_name
from ingestion.domain.catalogue.nesting import MAX_DEPTH, MAX_ITEMS, MAX_PATHS, nested_values

NAMES = st.sampled_from(["total", "a.b", "line2", "sku", "żółć"])
NUMBERS = st.integers(0, 10**9).map(str)
DOCUMENTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    NAMES | NUMBERS,
    st.recursive(
        st.integers(0, 9),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | NUMBERS, inner, max_size=MAX_ITEMS),
        max_leaves=40,
    ),
    max_size=5,
)  # fmt: skip


def renumbered(value: Any, ids: Iterator[int]) -> Any:
    """The value with other ids, each a different one."""
    if isinstance(value, list):
        return [renumbered(each, ids) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key if shared_name(key) == key else f"order-{next(ids)}": renumbered(inner, ids)
        for key, inner in value.items()
    }


@given(DOCUMENTS)
def test_paths_are_the_same_whatever_the_ids_are(document: dict[str, Any]) -> None:
    other = renumbered(document, iter(range(5000, 10**6)))
    assert [path for path, _ in nested_values(document)] == [path for path, _ in nested_values(other)]


@given(DOCUMENTS)
def test_paths_are_bounded_and_hold_no_id(document: dict[str, Any]) -> None:
    paths = {path for path, _ in nested_values(document)}
    assert len(paths) <= MAX_PATHS
    for path in paths:
        steps = path.replace("a.b", "ab").replace("[]", "").split(".")
        assert all(shared_name(step) == step for step in steps)
        assert len(steps) + path.count("[]") <= MAX_DEPTH + 1


def test_a_map_of_thousands_of_ids_is_a_few_paths_and_leaves_room_for_the_rest():
    order = {str(n): {"price": n, "tax": [{"rate": 1}]} for n in range(5000)}
    found = list(nested_values({"items": order, "address": {"city": "Leeds"}}))
    assert {path for path, _ in found} == {
        "items.*", "items.*.price", "items.*.tax", "items.*.tax[].rate", "address.city",
    }  # fmt: skip
    assert len(found) == 4 * MAX_ITEMS + 1


def test_of_an_endless_object_the_first_names_are_looked_at():
    wide = {f"k{chr(97 + n % 26)}{chr(97 + n // 26)}": n for n in range(500)}
    assert len(list(nested_values({"a": wide}))) == MAX_PATHS
