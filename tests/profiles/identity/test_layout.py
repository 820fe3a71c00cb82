"""Where identifiers stand in the picture."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.identity.layout import BOX_HEIGHT, BOX_WIDTH, MARGIN, ROWS, Item, Spot, curve, lay_out

KEYS = [f"k{number}" for number in range(40)]


@st.composite
def pictures(draw) -> tuple[list[Item], list[tuple[str, str]]]:
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=30, unique=True))
    items = [Item(key, draw(st.integers(0, 4)), draw(st.integers(0, 3))) for key in keys]
    ends = st.sampled_from([*KEYS, "nobody"])
    return items, draw(st.lists(st.tuples(ends, ends), max_size=20))


@settings(max_examples=40, deadline=None)
@given(picture=pictures(), data=st.data())
def test_whatever_comes_in_whatever_order_boxes_never_touch_and_columns_stand_in_order(picture, data):
    items, lines = picture
    layout = lay_out(items, lines)
    assert layout == lay_out(data.draw(st.permutations(items)), data.draw(st.permutations(lines)))
    assert layout.spots.keys() == {item.key for item in items}
    boxes = list(layout.spots.values())
    for number, one in enumerate(boxes):
        assert MARGIN <= one.x <= layout.width - MARGIN - BOX_WIDTH
        assert MARGIN <= one.y <= layout.height - MARGIN - BOX_HEIGHT
        for other in boxes[number + 1 :]:
            assert abs(one.x - other.x) > BOX_WIDTH or abs(one.y - other.y) > BOX_HEIGHT
    for one in items:
        for other in items:
            if one.column < other.column:
                assert layout.spots[one.key].x < layout.spots[other.key].x


def test_a_long_column_stands_in_stacks_of_the_same_height():
    layout = lay_out([Item(f"d{number:02}", 0, number) for number in range(ROWS + 2)], [])
    lefts = sorted({spot.x for spot in layout.spots.values()})
    assert [sum(spot.x == left for spot in layout.spots.values()) for left in lefts] == [7, 7]


def test_what_is_linked_stands_side_by_side():
    items = [Item(f"{column}{name}", column) for column in (0, 1) for name in "abc"]
    layout = lay_out(items, [("0a", "1c"), ("0b", "1b"), ("0c", "1a")])
    assert layout.spots["0a"].y == layout.spots["1c"].y
    assert layout.spots["0c"].y == layout.spots["1a"].y


def test_nothing_is_an_empty_picture():
    assert lay_out([], []).spots == {}


@pytest.mark.parametrize(("a", "b"), [(Spot(14, 14), Spot(400, 200)), (Spot(14, 14), Spot(14, 78))])
def test_a_line_is_the_same_from_either_end(a, b):
    assert curve(a, b) == curve(b, a)


def test_a_line_runs_between_the_edges_of_its_boxes():
    assert curve(Spot(14, 14), Spot(400, 14)).path == "M250 39C325 39 325 39 400 39"
    beside = curve(Spot(14, 14), Spot(14, 78))
    assert beside.path.startswith("M250 39")
    assert beside.path.endswith("250 103")
    assert beside.x > 250
