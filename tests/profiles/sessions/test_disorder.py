"""Each disorder by its name, on PostgreSQL: what docs/guides/visits.md promises of it."""

from datetime import timedelta

import pytest

from tests.profiles.builder.driver import START, at, event
from tests.profiles.sessions.driver import end, page, screen, seen, start

END, NONE, STARTED = 2, 1, 0


def spans(pipeline) -> list[tuple]:
    """From, to, events, how it began and ended."""
    return [(*row[:3], row[4], row[5]) for row in pipeline.visits()]


def states(pipeline) -> list[tuple[str, str]]:
    """When each visit began and its state, as a reader of the topic has them."""
    return sorted((value["started_at"][11:16], value["state"]) for value in pipeline.combiner.told().values())


def test_silence_of_more_than_the_timeout_ends_a_visit(pipeline):
    pipeline.send(seen(0), seen(30), seen(60.1))
    assert spans(pipeline) == [(0, 30, 2, NONE, NONE), (60.1, 60.1, 1, NONE, NONE)]


def test_an_explicit_start_begins_a_visit_and_an_explicit_end_ends_it(pipeline):
    pipeline.send(seen(0), start(1), seen(2), end(3), seen(4))
    assert spans(pipeline) == [(0, 0, 1, NONE, NONE), (1, 3, 3, STARTED, END), (4, 4, 1, NONE, NONE)]
    assert states(pipeline) == [("12:00", "open"), ("12:01", "ended"), ("12:04", "open")]


def test_an_end_that_arrives_before_its_start(pipeline):
    pipeline.send(end(10))
    pipeline.send(seen(5))
    pipeline.send(start(0))
    assert spans(pipeline) == [(0, 10, 3, STARTED, END)]
    assert states(pipeline) == [("12:00", "ended")]


def test_an_end_with_a_time_before_its_start(pipeline):
    pipeline.send(start(10), end(9), seen(11))
    assert spans(pipeline) == [(9, 9, 1, END, END), (10, 11, 2, STARTED, NONE)]


def test_a_start_that_is_missing(pipeline):
    pipeline.send(seen(0), end(5))
    assert spans(pipeline) == [(0, 5, 2, NONE, END)]


def test_an_end_that_is_missing(pipeline):
    pipeline.send(start(0), seen(5))
    assert states(pipeline) == [("12:00", "open")]
    pipeline.combiner.close(START + timedelta(minutes=35))
    assert states(pipeline) == [("12:00", "open")], "an event at 12:35 would still belong to it"
    pipeline.combiner.close(START + timedelta(minutes=35.1))
    [told] = pipeline.combiner.told().values()
    assert (told["state"], told["ended_at"], told["ended_by"], told["events"]) == (
        "ended", "2026-03-01T12:05:00.000000Z", "inactivity", 2,
    )  # fmt: skip


def test_a_repeated_end_adds_to_the_visit_that_it_ended(pipeline):
    pipeline.send(seen(0), end(1), end(2))
    assert spans(pipeline) == [(0, 2, 3, NONE, END)]
    pipeline.send(seen(1.5))
    assert spans(pipeline) == [(0, 1, 2, NONE, END), (1.5, 2, 2, NONE, END)]


def test_a_late_event_extends_a_visit_that_was_published_as_ended(pipeline):
    pipeline.send(seen(0), seen(10))
    pipeline.combiner.close()
    pipeline.send(seen(20))
    assert spans(pipeline) == [(0, 20, 3, NONE, NONE)]
    pipeline.combiner.close()
    [told] = pipeline.combiner.told().values()
    assert (told["state"], told["events"], told["ended_at"]) == ("ended", 3, at(20))


def test_a_late_event_within_an_ended_visit_corrects_it_at_once(pipeline):
    pipeline.send(seen(0), seen(20))
    pipeline.combiner.close()
    pipeline.send(seen(10))
    [told] = pipeline.combiner.told().values()
    assert (told["state"], told["events"]) == ("ended", 3)


def test_a_late_event_joins_two_visits_and_one_of_them_is_withdrawn(pipeline):
    pipeline.send(page(0, "/a"), page(50, "/b"))
    pipeline.combiner.close()
    first, second = (row[12] for row in pipeline.visits())
    pipeline.send(seen(25))
    pipeline.combiner.close()
    assert [row[:4] for row in pipeline.visits()] == [(0, 50, 3, 2)]
    [withdrawal] = [each for each in pipeline.combiner.published if "superseded_by" in each]
    assert (withdrawal["id"], withdrawal["superseded_by"]) == (second, [first])
    [told] = pipeline.combiner.told().values()
    assert (told["events"], told["entry_page"], told["exit_page"]) == (3, "/a", "/b")


def test_an_earlier_event_moves_the_beginning_and_the_former_visit_is_withdrawn(pipeline):
    pipeline.send(seen(10))
    [former] = pipeline.combiner.told()
    pipeline.send(seen(0))
    [(id_, told)] = pipeline.combiner.told().items()
    assert id_ != former
    assert told["started_at"] == at(0)
    [withdrawal] = [each for each in pipeline.combiner.published if "superseded_by" in each]
    assert (withdrawal["id"], withdrawal["superseded_by"]) == (former, [id_])


def test_a_late_start_splits_a_visit(pipeline):
    pipeline.send(page(0, "/a"), page(10, "/b"), page(20, "/c"))
    pipeline.combiner.close()
    pipeline.send(start(5))
    rows = pipeline.visits()
    assert [(*row[:4], row[9], row[10]) for row in rows] == [
        (0, 0, 1, 1, "/a", "/a"),
        (5, 20, 3, 2, "/b", "/c"),
    ]
    assert [value["state"] for value in pipeline.combiner.told().values()] == ["ended", "ended"]


def test_a_late_end_splits_a_visit(pipeline):
    pipeline.send(seen(0), seen(10), seen(20))
    pipeline.send(end(15))
    assert spans(pipeline) == [(0, 15, 3, NONE, END), (20, 20, 1, NONE, NONE)]


def test_events_that_the_builder_applied_ahead_are_counted_once(pipeline):
    ahead = pipeline.build(seen(12), seen(14))
    pipeline.send(seen(0), seen(20))
    pipeline.send(start(10))  # splits, and finds the two in the timeline
    pipeline.combiner.send(ahead)
    assert spans(pipeline) == [(0, 0, 1, NONE, NONE), (10, 20, 4, STARTED, NONE)]


def test_a_message_that_is_delivered_twice_counts_once(pipeline):
    once = seen(0)
    pipeline.send(once, seen(1))
    pipeline.send(once, once)
    assert spans(pipeline) == [(0, 1, 2, NONE, NONE)]


def test_a_visit_that_is_made_anew_shows_the_same_screens(pipeline):
    records = pipeline.build(
        screen(0, "Home"), screen(5, "Basket"), screen(10, None), page(11, "", name="Help")
    )
    pipeline.combiner.send(records)
    [row] = before = pipeline.visits()
    assert (row[3], row[9], row[10]) == (3, "Home", "Help")
    pipeline.combiner.send(records[1:2])
    assert pipeline.visits() == before


def test_a_late_event_counts_whatever_the_sdk_put_into_its_id(pipeline):
    named = {"context": {"sessionId": "a\0b"}}
    pipeline.send(seen(0, **named), seen(2, **named))
    pipeline.send(seen(1, **named))
    assert spans(pipeline) == [(0, 2, 3, NONE, NONE)]


@pytest.mark.parametrize("value", [{"b": 1, "a": 2}, [1], True])
def test_what_is_neither_text_nor_number_is_no_id(value, pipeline):
    pipeline.send(seen(0, context={"sessionId": value}), seen(1))
    assert [(row[2], row[8]) for row in pipeline.visits()] == [(2, None)]


def test_a_start_that_is_told_twice_begins_one_visit(pipeline):
    pipeline.send(start(0), start(0, message_id="again"), seen(1))
    assert spans(pipeline) == [(0, 1, 3, STARTED, NONE)]


def test_a_clock_far_in_the_future_counts_as_when_it_came(pipeline):
    wrong = seen(0, timestamp="2099-01-01T00:00:00.000000Z", received_at=at(3))
    pipeline.send(seen(0), wrong, seen(5))
    assert spans(pipeline) == [(0, 5, 3, NONE, NONE)]


def test_an_end_at_the_instant_of_a_start_closes_the_visit_before(pipeline):
    pipeline.send(seen(0))
    pipeline.send(start(10))
    pipeline.send(end(10), seen(11))
    assert spans(pipeline) == [(0, 10, 2, NONE, END), (10, 11, 2, STARTED, NONE)]


def test_the_id_that_an_sdk_gives_decides_alone(pipeline):
    first, second = {"context": {"sessionId": 1700}}, {"context": {"sessionId": 1800, "sessionStart": True}}
    pipeline.send(seen(40, **first), seen(41, **second), seen(90, **first), seen(0))
    assert [(row[0], row[1], row[2], row[8]) for row in pipeline.visits()] == [
        (0, 0, 1, None), (40, 90, 2, "1700"), (41, 41, 1, "1800"),
    ]  # fmt: skip


def test_an_application_that_comes_back_from_the_background_goes_on_with_its_visit(pipeline):
    back = {"name": "Application Opened", "properties": {"from_background": True}}
    pipeline.send(
        seen(0, name="Application Opened"), seen(1, name="Application Backgrounded"), seen(5, **back)
    )
    assert spans(pipeline) == [(0, 5, 3, STARTED, NONE)]
    pipeline.send(seen(6, name="Application Opened"))
    assert spans(pipeline) == [(0, 5, 3, STARTED, NONE), (6, 6, 1, STARTED, STARTED)]


def test_sources_do_not_mix_and_each_has_its_timeout(pipeline):
    pipeline.combiner.timeouts[2] = timedelta(minutes=5)
    for source in (1, 2):
        pipeline.send(seen(0, source_id=source), seen(10, source_id=source))
    assert [(row[7], *row[:3]) for row in pipeline.visits()] == [(1, 0, 10, 2), (2, 0, 0, 1), (2, 10, 10, 1)]
    pipeline.combiner.close(START + timedelta(minutes=16))
    assert [(row[7], row[6]) for row in pipeline.visits()] == [(1, False), (2, True), (2, True)]


def test_who_has_no_usable_identifier_has_no_visits(pipeline):
    pipeline.send(event(minutes=0, anonymous_id="null", received_at=at(1)))
    assert pipeline.visits() == []


def test_addresses_are_kept_without_their_query(pipeline):
    pipeline.send(
        event("page", minutes=0, anonymous_id="a1", properties={"url": "https://x.org/a?email=jane@x.org"})
    )
    assert [row[9] for row in pipeline.visits()] == ["/a"]


@pytest.mark.parametrize(
    "value", [b"{}", b"[]", b'{"v":1,"anchor":"x","event":{}}', b'{"v":1,"event":{"timestamp":3}}']
)
def test_what_is_no_event_is_refused_and_the_rest_goes_on(value, pipeline):
    pipeline.combiner.send([value, *pipeline.build(seen(0))])
    assert len(pipeline.combiner.rejected) == 1
    assert spans(pipeline) == [(0, 0, 1, NONE, NONE)]


def test_the_visits_of_a_visitor_who_turns_out_to_be_known_stay_with_their_anchor(pipeline):
    pipeline.send(seen(0), seen(1, anonymous_id=None, user_id="42"))
    before = {row[12] for row in pipeline.visits()}
    pipeline.send(event("identify", minutes=2, anonymous_id="a1", user_id="42", received_at=at(9)))
    assert before < {row[12] for row in pipeline.visits()}
