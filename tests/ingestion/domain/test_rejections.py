"""Rejected items, from the collector's record to a row."""

import json
from datetime import UTC, datetime

import orjson
import psycopg
import pytest

from ingestion.domain.events import Envelope, ItemRejected, rejection_record
from ingestion.domain.rejections import UnreadableRejection, read_rejection, store_rejections
from ingestion.domain.sources import create_source
from ingestion.models import Rejection
from tests.ingestion.domain.conftest import BY, NOW

ENVELOPE = Envelope(source_id=7, received_at=NOW)


def written(item, **fields):
    record = rejection_record(item, ItemRejected("bad", "it is bad"), ENVELOPE)
    return json.dumps(orjson.loads(record.value or b"") | fields).encode()


@pytest.mark.parametrize(
    "item", [{"type": "track", "event": "E", "messageId": "m"}, None, [1], "x", {"type": {"a": 1}}]
)
def test_every_item_can_be_read_back(item):
    row = read_rejection(written(item))
    assert (row["source_id"], row["code"], orjson.loads(row["raw"])) == (7, "bad", item)


@pytest.mark.parametrize("value", [None, b"", b"{}", b"[]", b"7", b"null", b"\xff", b'{"source_id":1}'])
def test_what_is_no_rejection(value):
    with pytest.raises(UnreadableRejection, match="not a rejection as collectors write it"):
        read_rejection(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source_id": "7"}, {"source_id": None}, {"source_id": 2**70}, {"received_at": "soon"}, {"received_at": None},
        {"code": 5}, {"code": "c" * 41}, {"reason": ["x"]}, {"type": "t" * 17}, {"name": None}, {"raw": "\0"},
        {"uid": "u"}, {"uid": 5}, {"uid": None}, {"raw_bytes": -1}, {"raw_bytes": "many"}, {"raw_bytes": 2**31}, {"received_at": "2026-01-01"},
    ],
    ids=str,
)  # fmt: skip
def test_a_record_that_the_table_cannot_hold_is_unreadable_alone(wrong):
    """It must not fail the statement that stores its whole batch."""
    with pytest.raises(UnreadableRejection):
        read_rejection(written({"type": "track"}, **wrong))


def test_rejections_become_rows(fresh_database):
    source = create_source(name="web", by=BY, now=NOW)
    rows = [read_rejection(written({"n": n, "text": "ä" * n}, source_id=source.pk)) for n in range(3)]
    with psycopg.connect(fresh_database.conninfo) as connection:
        store_rejections(connection, [*rows, rows[0]])
        store_rejections(connection, [])
        store_rejections(connection, rows[1:])
    kept = Rejection.objects.order_by("id")
    assert [orjson.loads(each.raw)["n"] for each in kept] == [0, 1, 2]
    assert kept[0].received_at == datetime(2026, 11, 24, 12, tzinfo=UTC)
