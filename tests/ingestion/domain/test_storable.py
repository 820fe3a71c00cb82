"""What passes is given back by the database as it was, and by our JSON; what does not is refused in words."""

import json
import math

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.domain.storable import MAX_LEVELS, NotStorable, check_storable

_TEXTS = st.text(st.characters(codec=None), max_size=5)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


def _kept(document: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(document)])
        return json.loads(cursor.fetchone()[0])


def _as_asked(kept: object, document: object) -> object:
    """With floats where floats were asked for: JSON knows no difference, so that 1e16 comes back as a whole number."""
    if isinstance(document, float) and isinstance(kept, int | float):
        return float(kept)
    if isinstance(document, list) and isinstance(kept, list) and len(document) == len(kept):
        return [_as_asked(*each) for each in zip(kept, document, strict=True)]
    if isinstance(document, dict) and isinstance(kept, dict):
        return {key: _as_asked(value, document.get(key)) for key, value in kept.items()}
    return kept


@pytest.mark.django_db
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(_VALUES)
def test_what_passes_is_kept_as_it_is(document):
    try:
        check_storable(document)
    except NotStorable:
        return
    kept = _kept(document)
    assert _as_asked(kept, document) == document
    assert _as_asked(orjson.loads(orjson.dumps(kept)), document) == document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"a\0": 1}, r"U\+0000"), ({"a": ["\0"]}, r"U\+0000"), ("\ud800", "half of a character"), ({"\udfff": 1}, "half"),
        (math.nan, "number"), ([math.inf], "number"), (2**63, "64 bits"), (-(2**63), "64 bits"), (1e300, "64 bits"),
    ],
)  # fmt: skip
def test_what_would_not_be_kept_is_refused_in_words(document, said):
    with pytest.raises(NotStorable, match=said):
        check_storable(document)


def test_depth_has_an_end_that_costs_no_stack():
    deep: object = 1
    for _ in range(MAX_LEVELS):
        deep = [deep]
    check_storable(deep)
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(NotStorable, match="levels deep"):
        check_storable(deep)
