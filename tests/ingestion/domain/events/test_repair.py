"""JSON as clients really send it: repaired where a value cannot be held, refused where it is none."""

import json
import math
from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.domain.events import NotJson, parse_json, repaired

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def is_storable(value) -> bool:
    if isinstance(value, str):
        return "\0" not in value and value == value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(is_storable, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or -(2**63) <= value < 2**64


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_a_storable_document_or_not_json(content):
    with suppress(NotJson):
        document = parse_json(content)
        assert is_storable(document)
        orjson.dumps(document)


@given(ANYTHING)
def test_whatever_python_writes_is_read(value):
    """Python's writer lets surrogates, NaN and numbers of any size through, as its SDKs do."""
    document = parse_json(json.dumps(value).encode())
    assert is_storable(document)


@given(ANYTHING)
def test_repairing_twice_changes_nothing_more(value):
    once = repaired(value)
    assert is_storable(once)
    assert repaired(once) == once


@given(st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)))  # fmt: skip
def test_good_json_stays_as_it_is(value):
    assert parse_json(orjson.dumps(value)) == repaired(value) == value


@pytest.mark.parametrize("levels", [100, 900, 1000, 5000, 100_000])
def test_no_depth_exhausts_the_stack(levels):
    content = b"[" * levels + b'"\\u0000"' + b"]" * levels
    with suppress(NotJson):
        orjson.dumps(parse_json(content))


@pytest.mark.parametrize(
    "content", [b"", b" ", b"{", b"nul", b"{'a': 1}", b"a=1&b=2", b"\xef\xbb\xbf{}", b"1 2"]
)
def test_what_is_not_json(content):
    with pytest.raises(NotJson):
        parse_json(content)
