"""A payload that names somebody who is suppressed is not kept, wherever in it the name stands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from compliance.identifiers import keyed_hash
from compliance.suppression import Suppressions
from ingestion.domain.webhooks.recent import Arrived, names_suppressed
from ingestion.domain.webhooks.withholding import MAX_LOOKED_AT, may_name_suppressed

GONE = Suppressions(
    hashes=frozenset({keyed_hash("email", "jane@example.com"), keyed_hash("user_id", "77")}),
    normalisers={"email": "email", "phone": "phone"},
)


@pytest.mark.parametrize(
    "payload",
    [
        {"a": [{"b": " Jane@Example.com"}]},
        {"customer": 77},
        ["x", ["77"]],
        "jane@example.com",
        {"list": ["a"] * (MAX_LOOKED_AT + 1)},
    ],
)
def test_any_identifier_anywhere_counts_and_so_does_what_is_too_much_to_look_at(payload: Any) -> None:
    assert may_name_suppressed(payload, GONE)
    assert not may_name_suppressed(payload, Suppressions())


@pytest.mark.parametrize(
    "payload", [{"a": "joe@example.com", "n": 78, "t": True}, [], None, {"a": "x" * 5000}]
)
def test_others_are_kept(payload: Any) -> None:
    assert not may_name_suppressed(payload, GONE)


@pytest.mark.parametrize(
    ("body", "named"), [(b'{"m": "jane@example.com"}', True), (b'{"m": 1}', False), (b"no json", False)]
)
def test_a_kept_payload_is_looked_through_as_it_came(body: bytes, *, named: bool) -> None:
    arrived = Arrived(1, datetime(2026, 11, 29, tzinfo=UTC), body, "application/json", {}, 200, "", 1)

    assert names_suppressed(arrived, GONE) is named
