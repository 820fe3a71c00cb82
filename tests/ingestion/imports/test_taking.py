"""Rows that are taken together come to what each of them comes to alone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.suppression import suppressions_of
from ingestion.domain.event_names import EventTopics
from ingestion.domain.events import Envelope, ItemRejected
from ingestion.domain.events.envelope import Rules
from ingestion.enums import Result
from ingestion.imports import taking
from ingestion.imports.ledger import Ledger
from ingestion.imports.rows import BadRow, Block, Position, Row
from ingestion.imports.taking import TOGETHER, Circumstances, Taken, take
from streaming.contracts.events import QUARANTINE_TOPIC, WireEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNREADABLE, UNTYPED, TOO_LARGE = "unreadable", "untyped", "large"

KINDS = (UNREADABLE, UNTYPED, TOO_LARGE, "gone", "nobody", "twice", "half", "u1", "u2", "u3")
ROWS = st.lists(st.sampled_from(KINDS), max_size=3 * TOGETHER)


class Translation:
    """The value of a row says what becomes of it."""

    def items_of(self, rows: Sequence[Row]) -> list[list[dict[str, Any]]]:
        return [self.items(row) for row in rows]

    def items(self, row: Row) -> list[dict[str, Any]]:
        kind = row.values[0]
        if kind == UNREADABLE:
            raise ItemRejected("bad_value", "the row cannot be read")
        item = {"type": "identify", "userId": kind, "messageId": f"m{row.number}"}
        if kind == TOO_LARGE:
            item["traits"] = {"long": "x" * 100_000}
        if kind == UNTYPED:
            item["type"] = "unknown"
        second = {**item, "type": "track", "event": "Seen", "messageId": f"m{row.number}-2"}
        if kind == "half":
            second["event"] = ""
        return {"nobody": [], "twice": [item, second], "half": [item, second]}.get(kind, [item])

    def readable(self, row: Row) -> dict[str, Any] | None:
        return None


class Quarantining:
    """A rule that keeps u3 out."""

    def apply(self, event: WireEvent) -> None:
        if event["user_id"] == "u3":
            event["quarantined"] = "it is u3"


def taken_of(
    kinds: list[str], *, done: int = 0, are_suppressed: bool = True, rules: Rules | None = None
) -> Taken:
    people = suppressions_of([("user_id", "gone")] if are_suppressed else [])
    topics = EventTopics({}, {"identify": "events.identify"})
    envelope = Envelope(source_id=1, received_at=NOW, rules=rules)
    rows = [Row(number, number, [kind]) for number, kind in enumerate(kinds, 1)]
    block = Block(Position(row=len(rows)), rows, [BadRow(len(rows) + 1, 0, "torn", "")])
    by = Circumstances(Translation(), envelope, topics, people, Ledger(rows_done=done))
    return take(block, Position(), by)


@settings(deadline=None, max_examples=60)
@given(ROWS, st.booleans())
def test_together_they_come_to_what_they_come_to_alone(kinds, are_suppressed):
    together = taken_of(kinds, are_suppressed=are_suppressed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taking, "TOGETHER", 1)
        alone = taken_of(kinds, are_suppressed=are_suppressed)
    assert together == alone


def test_what_is_in_the_way_of_some_holds_up_no_others():
    kinds = ["u1", *["u2"] * TOGETHER, UNREADABLE, "twice", TOO_LARGE, "nobody", "half", "gone", "u3"]
    taken = taken_of(kinds)
    unreadable = TOGETHER + 2
    assert [row.number for row in taken.bad[1:]] == [unreadable, unreadable + 2, unreadable + 4]
    assert taken.suppressed == [unreadable + 5]
    keys = [record.key for record in taken.records]
    assert keys == [b"u1", *[b"u2"] * TOGETHER, b"twice", b"twice", b"u3"]
    assert [record.topic for record in taken.records[-3:]] == [
        "events.identify",
        "events.other",
        "events.identify",
    ]
    assert taken.not_in == sorted(
        [len(kinds) + 1, unreadable, unreadable + 2, unreadable + 4, unreadable + 5]
    )
    assert set(taken.brought).isdisjoint(taken.not_in)


def test_with_nobody_suppressed_all_are_taken():
    taken = taken_of(["gone", "u1"], are_suppressed=False)
    assert (taken.suppressed, [record.key for record in taken.records]) == ([], [b"gone", b"u1"])


def test_what_a_plan_keeps_out_goes_to_quarantine_and_all_else_to_its_topic():
    kinds = ["u1", "u3", "twice", "u2", "u3"]
    topics = [record.topic for record in taken_of(kinds).records]
    assert topics == ["events.identify"] * 3 + ["events.other"] + ["events.identify"] * 2
    taken = taken_of(kinds, rules=Quarantining())
    topics[1] = topics[-1] = QUARANTINE_TOPIC
    assert [record.topic for record in taken.records] == topics
    assert taken.counts["identify", "identify", Result.QUARANTINED] == 2
    assert taken.counts["identify", "identify", Result.ACCEPTED] == 3


def test_those_that_are_in_are_left_out():
    taken = taken_of(["u1", "u2", UNREADABLE, "u3"], done=3)
    assert (taken.repeated, taken.read, len(taken.records)) == (3, [4], 1)
