"""The picture of the pipeline, and how consumers are said to be."""

import itertools
from datetime import timedelta

import pytest

from cdp_site.pipeline.drawing import Edge, Node, draw
from cdp_site.pipeline.graph import MAX_SOURCES, MAX_TOPICS, pipeline
from cdp_site.pipeline.outlooks import drain_in_words, loss_in_words
from cdp_site.pipeline.states import sentence_of, tone_of
from ingestion.domain.queries.flows import Flow
from streaming.domain.flow.outlook import NEVER, Outlook
from streaming.domain.queries.consumers import ConsumerState, ConsumerTotals, PartitionState
from streaming.domain.queries.topics import TopicPartitionState, TopicState
from streaming.enums import ConsumerCondition


def consumer(
    name: str = "profiles", *, lag: int | None = 0, age: float | None = None, **fields
) -> ConsumerState:
    partitions = [PartitionState("events.page", 0, 5, 5 + (lag or 0), lag, None, None)]
    values = {
        "topics": ("events.*",), "publishes": ("profiles.events",), "state": ConsumerCondition.RUNNING, "detail": "",
        "workers": [], "records_per_second": 10.0, "batch_seconds": 0.1, "dead_letters": 0, "totals": ConsumerTotals(),
        **fields,
    }  # fmt: skip
    oldest = None if age is None else timedelta(seconds=age)
    return ConsumerState(name=name, lag=lag, oldest_unread_age=oldest, partitions=partitions, **values)


def topic(
    name: str, rate: int = 60, readers: tuple[str, ...] = ("profiles",), records: int = 100
) -> TopicState:
    return TopicState(
        name, [TopicPartitionState(0, 0, records)], records, rate, 3600, None, "delete", list(readers), None
    )


def test_what_leads_to_something_stands_left_of_it():
    drawing = draw(
        [
            Node("c", "consumer", "c"),
            Node("t", "topic", "t"),
            Node("s", "source", "s"),
            Node("d", "topic", "d"),
        ],
        [Edge("s", "t"), Edge("t", "c"), Edge("c", "d"), Edge("c", "nowhere")],
    )
    places = {box.node.key: box.x for box in drawing.boxes}
    assert places["s"] < places["t"] < places["c"] < places["d"]
    assert len(drawing.lines) == 3
    assert all(0 <= box.x < drawing.width and 0 <= box.y < drawing.height for box in drawing.boxes)


def test_a_circle_and_nothing_at_all_can_be_drawn():
    circle = draw([Node("a", "x", "a"), Node("b", "x", "b")], [Edge("a", "b"), Edge("b", "a")])
    assert len(circle.lines) == 2
    assert draw([], []).boxes == []


def test_boxes_of_a_column_do_not_overlap():
    drawing = draw([Node(str(number), "x", "") for number in range(20)], [])
    heights = sorted(box.y for box in drawing.boxes)
    assert min(after - before for before, after in itertools.pairwise(heights)) >= 46


@pytest.mark.urls("cdp_site.urls")
def test_the_way_of_an_event_is_drawn():
    drawing = pipeline(
        [Flow(1, "Shop", "events.page", 12.0)],
        [topic("events.page"), topic("profiles.events", readers=()), topic("retry.profiles", records=0)],
        [consumer()],
    )
    assert {box.node.key for box in drawing.boxes} == {
        "source:1", "topic:events.page", "consumer:profiles", "topic:profiles.events",
    }  # fmt: skip
    lines = {(line.edge.start, line.edge.end): line.edge for line in drawing.lines}
    assert lines["source:1", "topic:events.page"].label == "12/min"
    assert lines["topic:events.page", "consumer:profiles"].tone == "good"
    assert lines["consumer:profiles", "topic:profiles.events"].tone == "quiet"


def test_lag_shows_on_the_line_in_words_and_in_its_tone():
    drawing = pipeline([], [topic("events.page")], [consumer(lag=4000, age=900)])
    (line,) = drawing.lines
    assert (line.edge.tone, line.edge.label) == ("bad", "60/min · 4K wait")


def test_one_that_is_stopped_for_good_is_quiet():
    stopped = consumer(state=ConsumerCondition.NOT_RUNNING, lag=4000, age=900)
    drawing = pipeline([], [topic("events.page")], [stopped], retired=["profiles"])
    (box,) = [box.node for box in drawing.boxes if box.node.kind == "consumer"]
    assert (box.tone, box.detail) == ("quiet", "retired · 4,000 to read")
    assert [line.edge.tone for line in drawing.lines] == ["quiet"]


def test_many_topics_and_sources_share_a_box():
    topics = [topic(f"events.t{number}", rate=number) for number in range(40)]
    flows = [Flow(number, f"s{number}", f"events.t{number}", 1.0) for number in range(40)]
    drawing = pipeline(flows, topics, [consumer()])
    kinds = [box.node.kind for box in drawing.boxes]
    assert (kinds.count("topic"), kinds.count("source")) == (MAX_TOPICS + 1, MAX_SOURCES + 1)
    assert {"31 quieter topics", "32 more sources"} <= {box.node.title for box in drawing.boxes}


@pytest.mark.parametrize(
    ("state", "tone", "sentence"),
    [
        (consumer(), "good", "Keeps up: everything is read."),
        (consumer(lag=1, age=0.2), "good", "Keeps up: 1 record on the way."),
        (consumer(lag=1200, age=60), "warn", "Is 60 s behind: 1,200 records to read."),
        (consumer(lag=None), "good", "There is nothing to read yet."),
        (consumer(state=ConsumerCondition.STOPPED, detail="too many dead letters"), "bad",
         "Too many dead letters."),
        (consumer(state=ConsumerCondition.WAITING), "warn", "Waiting."),
    ],
)  # fmt: skip
def test_a_consumer_in_a_sentence(state, tone, sentence):
    assert tone_of(state) == tone
    assert sentence_of(state, Outlook()) == sentence


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Outlook(lag=1200, drain_seconds=90.0), "At this pace it has caught up in about 90 s."),
        (Outlook(lag=1200, drain_seconds=NEVER), "It never catches up at this pace."),
        (Outlook(lag=1200, drain_seconds=NEVER, loss_seconds=3 * 3600.0),
         "It never catches up at this pace. It loses records in 3 h."),
        (Outlook(lag=1200, drain_seconds=None, loss_seconds=0.0), "It loses records now."),
    ],
)  # fmt: skip
def test_the_outlook_of_one_that_is_behind_is_part_of_its_sentence(found, sentence):
    state = consumer(lag=1200, age=60)
    assert sentence_of(state, found) == f"Is 60 s behind: 1,200 records to read. {sentence}"


@pytest.mark.parametrize(
    ("found", "drain", "loss"),
    [
        (Outlook(), "all read", "—"),
        (Outlook(lag=7, lag_seconds=2.0, drain_seconds=NEVER, loss_seconds=1e7), "within moments", "—"),
        (Outlook(lag=7, lag_seconds=90.0, drain_seconds=NEVER, loss_seconds=NEVER), "never at this pace", "not at this pace"),
        (Outlook(lag=7, lag_seconds=2.0, drain_seconds=NEVER, loss_seconds=60.0), "within moments", "in 60 s"),
        (Outlook(lag=7, lag_seconds=90.0, drain_seconds=None, loss_seconds=0.0), "not known yet", "now"),
    ],
)  # fmt: skip
def test_what_came_a_moment_ago_is_on_its_way_whatever_the_pace_of_these_seconds(found, drain, loss):
    assert (drain_in_words(found), loss_in_words(found)) == (drain, loss)
