"""Records as rows: what is new comes once, what cannot be placed or told apart is told, and clocks and numbers may be wrong."""

import json

import pytest

from ingestion.sources.contract import Column, DataType, SourceRefused, StreamChanged
from tests.ingestion.sources.rest.server import Reply, customers

SERVER_TIME = {"Date": "Thu, 08 Jan 2026 12:00:00 GMT"}
BY_TOKEN = {
    "records": "data",
    "pagination": "token",
    "next": "next",
    "page_parameter": "t",
    "cursor_parameter": "since",
}


def test_only_what_is_new_is_asked_for_and_what_has_the_same_cursor_comes_once(api, reader):
    table = customers(1, 2) + customers(3, 4, minute="10:05")
    api.answer = lambda asked: Reply(
        [each for each in table if each["updated_at"] >= asked.query.get("since", "")]
    )
    reader.with_(cursor_parameter="since")
    [first] = reader.batches()
    assert [row.identity for row in first.rows][2:] == ["2026-01-05T10:05:00Z|3", "2026-01-05T10:05:00Z|4"]
    state = reader.kind.begin(reader.selection(), first.state)
    table += customers(5, 5, minute="10:05") + customers(1, 1, minute="10:09")
    [second] = reader.batches(state)
    assert api.asked[-1].query == {"since": "2026-01-05T10:05:00Z"}
    assert [row.values["id"] for row in second.rows] == [5, 1]
    state = reader.kind.begin(reader.selection(), second.state)
    assert reader.ids(state) == []
    assert reader.state(state) == second.state


def test_the_order_of_records_does_not_matter_and_the_cursor_moves_at_the_end(api, reader):
    pages = {"": (customers(5, 6, minute="10:50"), "2"), "2": (customers(1, 2, minute="10:10"), None)}
    api.answer = lambda asked: Reply(
        dict(zip(("data", "next"), pages[asked.query.get("t", "")], strict=True))
    )
    first, last = reader.with_(**BY_TOKEN).batches(rows=2)
    assert "cursor" not in first.state
    assert (last.state["cursor"], last.is_last) == ("2026-01-05T10:50:00Z", True)


def test_an_api_that_knows_no_cursor_is_read_for_what_is_new_all_the_same(api, reader):
    api.answer = lambda _asked: Reply(customers(1, 2) + customers(3, 3, minute="11:00"))
    state = reader.state()
    api.answer = lambda _asked: Reply(
        customers(1, 2) + customers(3, 3, minute="11:00") + customers(4, 4, minute="12:00")
    )
    assert reader.ids(state) == [4]
    reader.with_(cursor_parameter="sinnce").batches({"cursor": "2026-01-05T12:00:00Z"})
    assert "sinnce may not be what the API calls it" in reader.notes[0]


def test_a_look_back_reads_what_came_late_and_never_moves_back_by_itself(api, reader):
    api.answer = lambda _asked: Reply(customers(1, 1, minute="10:05"))
    reader.with_(cursor_parameter="since")
    state = reader.state(look_back=600)
    selection = reader.selection(look_back=600)
    api.answer = lambda _asked: Reply(customers(2, 2, minute="10:00"))
    again = reader.kind.begin(selection, state)
    assert reader.ids(again) == [2]
    assert api.asked[-1].query == {"since": "2026-01-05T09:55:00Z"}
    api.answer = lambda _asked: Reply([])
    assert reader.state(reader.kind.begin(selection, state))["cursor"] == "2026-01-05T10:05:00Z"


@pytest.mark.parametrize(
    ("form", "sent"),
    [("as_is", "2026-01-05T10:20:00.5+02:00"), ("iso", "2026-01-05T08:20:00.500000Z"), ("date", "2026-01-05"), ("seconds", "1767601200"), ("milliseconds", "1767601200500")],
)  # fmt: skip
def test_a_cursor_is_written_as_the_api_wants_it(api, reader, form, sent):
    reader.with_(cursor_parameter="filter=updated gt '{cursor}'", cursor_format=form)
    reader.batches({"cursor": "2026-01-05T10:20:00.5+02:00"})
    assert api.asked[0].query == {"filter": f"updated gt '{sent}'"}


def test_a_backfill_takes_a_range(api, reader):
    api.answer = lambda _asked: Reply(
        customers(1, 1) + customers(2, 2, minute="11:00") + customers(3, 3, minute="12:00")
    )
    reader.with_(cursor_parameter="from", until_parameter="to")
    begin = reader.kind.first(reader.selection(), "2026-01-05 10:30")
    until = reader.kind.first(reader.selection(), "2026-01-05T12:00Z")["cursor"]
    assert reader.ids({**begin, "until": until}) == [2]
    assert api.asked[0].query == {"from": "2026-01-05T10:30:00Z", "to": "2026-01-05T12:00:00Z"}
    with pytest.raises(SourceRefused, match="write it like 2026-01-05 10:20"):
        reader.kind.first(reader.selection(), "soon")


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_place_that_the_api_has_forgotten_is_given_up_for_the_cursor(api, reader, status):
    def answer(asked):
        given = {"": (customers(1, 2), "b"), "b": (customers(3, 4), None)}.get(asked.query.get("t", ""))
        return Reply(dict(zip(("data", "next"), given, strict=True))) if given else Reply({}, status=status)

    api.answer = answer
    reader.with_(**BY_TOKEN)
    place = {"cursor": "2026-01-01T00:00:00Z", "page": {"t": 1, "token": "a"}, "pages": 7}
    place["of"] = next(iter(reader.kind.read(reader.settings, reader.selection(), {}, rows=2))).state["of"]
    api.asked.clear()
    assert reader.ids(place) == [1, 2, 3, 4]
    assert [each.query.get("t") for each in api.asked] == ["a", None, "b"]
    assert api.asked[1].query["since"] == "2026-01-01T00:00:00Z"
    assert "had forgotten where reading stood" in reader.notes[0]


def test_an_api_that_refuses_each_further_page_is_told(api, reader):
    api.answer = lambda asked: (
        Reply({"message": "no t"}, status=400)
        if "t" in asked.query
        else Reply({"data": customers(1, 2), "next": "a"})
    )
    rows, error = reader.with_(**BY_TOKEN).failing()
    assert "was refused 4 times, from the beginning on each time" in str(error)
    assert "no t" in str(error)
    assert {row.values["id"] for row in rows} == {1, 2}


def test_a_place_is_given_up_when_what_pages_depend_on_has_been_changed(api, reader):
    api.answer = lambda asked: Reply(
        {"data": customers(3, 4)} if "t" in asked.query else {"data": customers(1, 2), "next": "b"}
    )
    first = next(iter(reader.with_(**BY_TOKEN).kind.read(reader.settings, reader.selection(), {}, rows=2)))
    api.asked.clear()
    assert reader.ids(first.state) == [3, 4]
    reader.with_(size_parameter="limit", page_size="50").batches(first.state)
    assert [each.query for each in api.asked] == [{"t": "b"}, {"limit": "50"}, {"limit": "50", "t": "b"}]


def test_records_that_cannot_be_placed_or_told_apart_are_told_and_the_others_are_in(api, reader):
    odd = [
        "text", None, 7, ["list"], {"email": "no id", "updated_at": "2026-01-05T10:00:00Z"}, {"id": 8}, {"id": 9, "updated_at": ""},
        {"id": 10, "updated_at": "1st of May"}, {"id": 11, "updated_at": 1767607200}, {"id": 1, "email": "other", "updated_at": "2026-01-05T10:00:00Z"},
    ]  # fmt: skip
    api.answer = lambda _asked: Reply(customers(1, 3) + odd + customers(1, 1))
    [batch] = reader.batches()
    assert [row.values["id"] for row in batch.rows] == [1, 2, 3]
    assert [refused.reason.split(":")[0] for refused in batch.refused] == [
        "the record is no object but a text", "the record is no object but empty", "the record is no object but a single value",
        "the record is no object but a list", "the value of id is empty, so that the record cannot be told from others",
        "updated_at is empty, so that the record has no place among those that are new",
        "updated_at is empty, so that the record has no place among those that are new",
        "updated_at is no time, so that the record has no place among those that are new",
        "updated_at is no time, so that the record has no place among those that are new", "another record has the same id and updated_at",
    ]  # fmt: skip


def test_a_clock_that_was_wrong_once_holds_nothing_up(api, reader):
    ahead = {"id": 9, "updated_at": "2099-01-01T00:00:00Z"}
    api.answer = lambda _asked: Reply([*customers(1, 2), ahead], headers=SERVER_TIME)
    state = reader.state()
    assert state["cursor"] == "2026-01-05T10:00:00Z"
    assert "updated_at is more than a day in the future in some records" in reader.notes[0]
    api.answer = lambda _asked: Reply([ahead], headers={"Date": "Fri, 02 Jan 2099 12:00:00 GMT"})
    assert reader.ids(state) == [9], "by the clock of the server"


def test_numbers_beyond_64_bits_stay_apart(api, reader):
    body = b'[{"id": 123456789012345678901, "at": 5}, {"id": 123456789012345678902, "at": 6, "x": 1e999}, {"id": 18446744073709551615, "at": 7}]'
    api.answer = lambda _asked: Reply(body=body)
    columns = (Column("id", DataType.INTEGER), Column("at", DataType.INTEGER), Column("x", DataType.NUMBER))
    rows = reader.rows(columns=columns, cursor="at")
    assert [row.values["id"] for row in rows] == ["123456789012345678901", "123456789012345678902", 2**64 - 1]
    assert len({row.identity for row in rows}) == 3
    assert rows[1].values["x"] == "1e999"


def test_a_number_may_be_the_cursor_and_so_may_a_text(api, reader):
    columns = (Column("id", DataType.TEXT), Column("version", DataType.INTEGER))
    api.answer = lambda _asked: Reply([{"id": "b", "version": 9}, {"id": "a", "version": 10}])
    reader.with_(cursor_parameter="v")
    state = reader.state(columns=columns, cursor="version")
    assert state["cursor"] == 10
    assert (
        reader.kind.begin(reader.selection(columns=columns, cursor="version", look_back=3), state)["cursor"]
        == 7
    )
    api.answer = lambda _asked: Reply([{"id": "9", "version": 1}, {"id": "10", "version": 1}])
    assert reader.state(columns=columns, cursor="id")["cursor"] == "10", "as numbers, not as words"


def test_numbers_may_be_written_as_texts_and_what_is_none_is_said_to_be_none(api, reader):
    columns = (Column("id", DataType.INTEGER), Column("version", DataType.NUMBER))
    written = ["9.5", "10.25", "abc", "1e9", " 10 ", ["1"]]
    api.answer = lambda _asked: Reply([{"id": at, "version": each} for at, each in enumerate(written)])
    [batch] = reader.batches(columns=columns, cursor="version")
    assert [row.values["id"] for row in batch.rows] == [0, 1, 4]
    assert [refused.reason.split(",")[0] for refused in batch.refused] == ["version is no number"] * 3
    assert batch.state["cursor"] == "10.25"
    back = reader.kind.begin(reader.selection(columns=columns, cursor="version", look_back=1), batch.state)
    assert json.loads(json.dumps(back))["cursor"] == "9.25"
    assert reader.ids({"cursor": "10"}, columns=columns, cursor="version") == [1, 4]


def test_a_table_that_is_read_whole_knows_each_version_of_a_record(api, reader):
    api.answer = lambda _asked: Reply(customers(1, 2))
    [first] = reader.batches(mode="full", cursor="")
    api.answer = lambda _asked: Reply([customers(1, 1)[0] | {"plan": "basic"}, *customers(2, 2)])
    [second] = reader.batches(
        reader.kind.begin(reader.selection(mode="full", cursor=""), first.state), mode="full", cursor=""
    )
    assert len({row.identity for row in first.rows + second.rows}) == 3
    assert reader.ids(second.state, mode="full", cursor="") == [], "it had come to its end"


def test_a_page_that_is_larger_than_a_batch_moves_the_state_with_its_last_part(api, reader):
    api.answer = lambda _asked: Reply(customers(1, 25))
    batches = reader.batches({"cursor": "2026-01-05T09:00:00Z"}, rows=10)
    assert [len(batch.rows) for batch in batches] == [10, 10, 5]
    assert [batch.state["cursor"] for batch in batches] == ["2026-01-05T09:00:00Z"] * 2 + [
        "2026-01-05T10:00:00Z"
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda record: {key: value for key, value in record.items() if key != "plan"}, "column plan is gone"),
        (lambda record: {**record, "plan": {"name": "gold"}}, "column plan was text and is json"),
        (lambda record: {**record, "id": [1]}, "column id was whole number and is json"),
    ],
    ids=["gone", "another type", "key"],
)  # fmt: skip
def test_records_that_change_halfway_stop_the_stream_with_the_good_ones_in(api, reader, change, words):
    api.answer = lambda asked: Reply(
        customers(1, 10) if "page" not in asked.query else [change(record) for record in customers(11, 20)]
    )
    rows, error = reader.with_(pagination="page").failing()
    assert [row.values["id"] for row in rows] == list(range(1, 11))
    assert isinstance(error, StreamChanged)
    assert words in str(error)


def test_a_single_odd_record_is_no_change(api, reader):
    api.answer = lambda _asked: Reply([*customers(1, 10), {**customers(11, 11)[0], "plan": {"name": "gold"}}])
    assert reader.ids() == list(range(1, 12))


def test_a_record_of_very_many_keys_is_read_for_what_was_chosen(api, reader):
    body = json.dumps(customers(1, 1))[:-2] + "".join(f',"k{number}":0' for number in range(300_000)) + "}]"
    api.answer = lambda _asked: Reply(body=body.encode())
    assert reader.rows()[0].values == customers(1, 1)[0]
    assert len(reader.kind.describe(reader.settings, "customers").columns) == 300
