"""Numbers of rows, as others write them."""

import pytest

from streaming.row_ids import MOST_ID, is_row_id, row_id


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("0042", 42), (str(MOST_ID), MOST_ID)])
def test_what_a_column_has_room_for_is_read(text, number):
    assert row_id(text) == number


@pytest.mark.parametrize(
    "text", [None, "", "x", "-1", "+1", "1.0", " 1", "1 ", "²", "٣", str(MOST_ID + 1), "9" * 10_000, "1_0"]
)
def test_what_is_no_number_of_a_row_is_none(text):
    assert row_id(text) is None


def test_a_value_of_json_is_a_whole_number_that_a_column_has_room_for():
    assert all(map(is_row_id, (1, MOST_ID)))
    assert not any(map(is_row_id, (0, -1, MOST_ID + 1, True, 1.0, "1", None, [1])))
