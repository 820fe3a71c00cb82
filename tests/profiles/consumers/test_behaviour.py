"""The consumer `behaviour` on PostgreSQL: the same events make the same visits, however they arrive."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from profiles.behaviour import visits
from profiles.consumers.behaviour import BehaviourConsumer
from streaming.contracts.combined import CombinedRecord, decode_combined
from streaming.contracts.records import Record
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import (
    ANCHORS,
    histories,
    record_of,
    require_same_whatever_the_order,
    run,
    true_now,
)

TABLES = ("profiles_behaviour_visit", "profiles_behaviour_lock")


_EVENTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    name=st.sampled_from(
        [
            "Element Clicked",
            "Page Scrolled",
            "Order Completed",
            "Error Shown",
            "Session Started",
            "Session Ended",
        ]
    ),
    minutes=st.sampled_from([0, 0.01, 1, 20, 29, 31, 45, 70, 100, 3000]),
    source_id=st.sampled_from([1, 1, 2]),
    properties=st.fixed_dictionaries(
        {"text": st.sampled_from(["Pay", "Back"]), "code": st.just("E1"), "depth": st.integers(0, 100)}
    ),
    context=st.sampled_from([{}, {}, {"sessionId": "s1"}]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(_EVENTS, 12), st.data())
def test_order_batches_and_repetition_change_nothing(kept, records, data):
    require_same_whatever_the_order(BehaviourConsumer, kept, records, data)


def _send(session: Connection[Any], *events: Any, **options: Any) -> dict[str, CombinedRecord]:
    batch = run(BehaviourConsumer(**options), session, [record_of(each) for each in events])
    return true_now(batch.published)


def _click(minutes: float, text: str = "Pay", **fields: Any) -> Any:
    return event(name="Element Clicked", minutes=minutes, properties={"text": text, "path": "/pay"}, **fields)


def test_a_visit_is_published_with_its_features_and_annoyances(session):
    clicks = [_click(second / 60) for second in (0, 0.5, 1)]
    (record,) = _send(session, event("page", minutes=-1, name="Basket"), *clicks).values()
    value = record["value"]
    assert (record["type"], record["anchor"], value["source_id"]) == ("behaviour.v1", ANCHORS[0], 1)
    assert (value["features"]["clicks"], value["features"]["pages"]) == (3, 1)
    assert value["annoyances"] == [
        {
            "kind": "rage_clicks", "at": "2026-03-01T12:00:00.000000Z", "what": "Pay", "page": "/pay", "times": 3,
            "seconds": 1.0,
        }
    ]  # fmt: skip


def test_a_visit_without_anything_done_is_not_published_until_something_is(session):
    assert _send(session, event("page", minutes=0)) == {}
    (record,) = _send(session, _click(3)).values()
    assert record["value"]["features"]["events"] == 2


def test_a_late_event_that_joins_two_visits_withdraws_one_and_corrects_the_other(session):
    first, second = _send(session, _click(0), _click(45)).values()
    batch = run(BehaviourConsumer(), session, [record_of(_click(22))])
    withdrawal, correction = (decode_combined(new.value) for new in batch.published)
    assert (withdrawal["id"], withdrawal["superseded_by"]) == (second["id"], [first["id"]])
    assert (correction["id"], correction["value"]["features"]["clicks"]) == (first["id"], 3)
    assert correction["version"] > first["version"]


def test_a_late_start_that_takes_the_clicks_of_a_visit_withdraws_it(session):
    (published,) = _send(session, event("page", minutes=0), _click(5)).values()
    batch = run(BehaviourConsumer(), session, [record_of(event(name="Session Started", minutes=4))])
    records = [decode_combined(new.value) for new in batch.published]
    assert [record["id"] for record in records if "superseded_by" in record] == [published["id"]]
    assert [record["value"]["features"]["clicks"] for record in records if "value" in record] == [1]


def test_the_time_out_of_a_source_counts(session):
    def timeouts(connection):
        del connection
        return {2: timedelta(minutes=5)}

    found = _send(session, *(_click(each, source_id=2) for each in (0, 4, 10)), timeouts=timeouts)
    assert sorted(record["value"]["features"]["clicks"] for record in found.values()) == [1, 2]


def test_repetitions_publish_nothing(session):
    clicks = [_click(0), _click(1)]
    assert len(_send(session, *clicks)) == 1
    assert _send(session, *clicks) == {}


def test_of_a_visit_without_end_only_its_beginning_is_kept(session, monkeypatch):
    monkeypatch.setattr(visits, "MOST_FACTS", 3)
    (record,) = _send(session, *(_click(each) for each in range(0, 100, 10))).values()
    assert record["value"]["is_cut"]
    assert record["value"]["features"]["clicks"] == 3
    assert record["value"]["last_at"] == "2026-03-01T13:30:00.000000Z"


def test_nothing_is_kept_of_anchors_that_are_not(kept):
    batch = run(
        BehaviourConsumer(), kept.connection, [record_of(_click(0), "00000000-0000-4000-8000-00000000dead")]
    )
    assert (batch.published, kept.rows()) == ([], [[], []])


def test_a_batch_takes_as_many_statements_for_many_visits_as_for_one(kept):
    counts = []
    for number in (1, 20):
        kept.clear()
        records = [record_of(_click(60 * each)) for each in range(number)]
        counts.append(_statements(kept.connection, records))
    assert counts[0] == counts[1]


def _statements(session: Connection[Any], records: list[Record]) -> int:
    executed = 0
    execute = session.execute

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal executed
        executed += 1
        return execute(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "execute", counted)
        run(BehaviourConsumer(), session, records)
    return executed
