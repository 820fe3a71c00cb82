"""The visits are a pure function of the set of events: however they come, in whatever batches, the rows and the last
record of each visit are those that all the events at once would make."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.sessions.points import Mark, Point
from profiles.sessions.reading import Origin
from tests.profiles.sessions.memory import Memory, Said

TIMEOUT = 30

points = st.builds(
    Point,
    time=st.integers(0, 12).map(lambda place: place * 10),
    mark=st.sampled_from([Mark.NONE, Mark.NONE, Mark.NONE, Mark.START, Mark.END]).map(int),
    page=st.sampled_from([None, "/", "/a"]),
    purposes=st.sampled_from(["", "", "marketing"]),
)
said = st.tuples(
    st.builds(Origin, st.sampled_from(["anchor 1", "anchor 1", "anchor 2"]), st.sampled_from([1, 1, 2])),
    st.sampled_from([None] * 5 + ["k1", "k2"]),
    points,
)
histories = st.lists(said, min_size=1, max_size=16)


def at_once(events: list[Said]) -> list[tuple]:
    memory = Memory(TIMEOUT)
    memory.timeline = list(events)
    memory.read(events)
    return memory.picture()


def in_batches(events: list[Said], sizes: list[int], ahead: int) -> list[tuple]:
    """In the order given; the timeline has what was read, and `ahead` more."""
    memory, read = Memory(TIMEOUT), 0
    while read < len(events):
        size = sizes.pop() if sizes else 1
        memory.timeline = events[: read + size + ahead]
        memory.read(events[read : read + size])
        read += size
    return memory.picture()


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_every_order_batching_and_lead_of_the_builder_gives_the_same_rows_and_records(data):
    events = data.draw(histories)
    order = data.draw(st.permutations(events))
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=8))
    ahead = data.draw(st.sampled_from([0, 0, 1, 3, 99]))
    assert in_batches(order, sizes, ahead) == at_once(events)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_is_read_again_from_any_place_counts_once(data):
    """As when an operator sets the consumer back: the timeline has it all, and records come a second time."""
    events = data.draw(histories)
    again = data.draw(st.integers(0, len(events) - 1))
    memory = Memory(TIMEOUT)
    memory.timeline = list(events)
    for event in [*events, *events[again:], *events]:
        memory.read([event])
    assert memory.picture() == at_once(events)


S, N, E = Mark.START, Mark.NONE, Mark.END


@pytest.mark.parametrize(
    ("marks", "again"),
    [
        ([(0, N), (10, N), (40, S), (50, S), (50, E)], 0),
        ([(0, S), (10, E), (10, S), (30, N), (50, E), (50, S), (70, N), (90, N), (110, N)], 90),
    ],
    ids=["at the end of the last visit that is read", "at the beginning of the first"],
)
def test_what_is_read_again_beside_visits_that_touch_at_one_instant_leaves_their_neighbours_alone(
    marks, again
):
    """A visit ends at the instant at which the next starts, and that one was not read for the recount."""
    events = [_said(time, mark) for time, mark in marks]
    memory = Memory(TIMEOUT)
    memory.timeline = list(events)
    memory.read(events)
    memory.read([event for event in events if event[2].time == again])
    assert memory.picture() == at_once(events)


def _said(time: int, mark: Mark) -> Said:
    return Origin("anchor 1", 1), None, Point(time=time, mark=int(mark), page=None, purposes="")
