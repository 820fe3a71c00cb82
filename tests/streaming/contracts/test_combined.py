import orjson
import pytest

from streaming.contracts.combined import (
    SESSIONS_TOPIC,
    UndecodableRecord,
    combined_record,
    decode_combined,
    is_newer,
    stated,
    withdrawn,
)
from streaming.contracts.profiles import Version

AT = "2026-03-01T12:00:00.000000Z"
STATED = stated("session.v1", "s-1", "anchor-1", version=Version(1, 7), at=AT, value={"events": 3})
WITHDRAWN = withdrawn(
    "session.v1", "s-1", "anchor-1", version=Version(1, 8), at=AT, superseded_by=["s-2", "s-3"]
)


def packed(content: dict) -> bytes:
    return orjson.dumps(content, default=tuple)


@pytest.mark.parametrize("record", [STATED, WITHDRAWN])
def test_a_record_comes_back_as_it_was_sent_keyed_by_its_anchor(record):
    sent = combined_record(SESSIONS_TOPIC, record)
    assert (sent.topic, sent.key) == ("sessions", b"anchor-1")
    assert decode_combined(sent.value) == record


def test_fields_that_a_later_release_adds_are_tolerated():
    assert decode_combined(packed({**STATED, "colour": "red"}))["id"] == "s-1"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "tombstone"),
        (b"{", "not JSON"),
        (b"[]", "wire version 1"),
        (packed({**STATED, "v": 2}), "wire version 1"),
        (packed({key: value for key, value in STATED.items() if key != "value"}), "neither"),
        (packed({**STATED, "superseded_by": []}), "neither"),
    ],
)
def test_what_cannot_be_read_says_why(value, reason):
    with pytest.raises(UndecodableRecord, match=reason):
        decode_combined(value)


def test_the_higher_version_replaces_and_a_restore_outdoes_every_number_before_it():
    assert is_newer(STATED, None)
    assert is_newer(WITHDRAWN, STATED["version"])
    assert not is_newer(STATED, STATED["version"])
    assert not is_newer(STATED, Version(2, 1))
