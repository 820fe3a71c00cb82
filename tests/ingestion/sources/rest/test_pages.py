"""Ways from page to page: all records come once, in each way; one that leads nowhere is told."""

import pytest

from ingestion.sources.contract import SourceRefused
from tests.ingestion.sources.rest.server import Reply, customers

ALL = customers(1, 25)


def _slice(first: int, size: int = 10) -> list:
    return ALL[first : first + size]


def test_by_page_number_until_a_page_is_empty(api, reader):
    api.answer = lambda asked: Reply({"data": _slice((int(asked.query.get("page", 1)) - 1) * 10)})
    reader.with_(records="data", pagination="page", size_parameter="per_page", page_size="10")
    assert reader.ids() == list(range(1, 26))
    assert [each.query.get("page") for each in api.asked] == [None, "2", "3", "4"]
    assert {each.query["per_page"] for each in api.asked} == {"10"}


def test_a_first_page_may_be_called_zero_and_one_beyond_the_last_may_not_be_there(api, reader):
    def answer(asked):
        page = int(asked.query["p"])
        return Reply(_slice(page * 10)) if page < 3 else Reply({"detail": "Invalid page."}, status=404)

    api.answer = answer
    assert reader.with_(pagination="page", page_parameter="p", first_page="0").ids() == list(range(1, 26))


def test_by_offset_whatever_number_of_records_the_api_gives(api, reader):
    api.answer = lambda asked: Reply(_slice(int(asked.query.get("offset", 0)), 7))  # fewer than asked for
    reader.with_(pagination="offset", size_parameter="limit", page_size="100")
    assert reader.ids() == list(range(1, 26))


def test_by_a_token_in_the_answer(api, reader):
    def answer(asked):
        at = int(asked.query.get("after", "t0")[1:])
        return Reply({"data": _slice(at), "paging": {"next": {"after": f"t{at + 10}"} if at < 20 else None}})

    api.answer = answer
    reader.with_(records="data", pagination="token", next="paging.next.after", page_parameter="after")
    assert reader.ids() == list(range(1, 26))


def test_by_the_id_of_the_last_record_while_there_are_more(api, reader):
    def answer(asked):
        at = int(asked.query.get("starting_after", 0))
        return Reply({"data": _slice(at), "has_more": at + 10 < 25})

    api.answer = answer
    reader.with_(
        records="data",
        pagination="token",
        next="has_more && data[-1].id || ''",
        page_parameter="starting_after",
    )
    assert reader.ids() == list(range(1, 26))


def test_by_the_address_in_the_answer(api, reader):
    def answer(asked):
        at = int(asked.query.get("at", 0))
        following = f"{api.url}/customers?at={at + 10}&sort=a%26b" if at < 20 else None
        return Reply({"results": _slice(at), "next": following})

    api.answer = answer
    reader.with_(records="results", pagination="next_link", next="next", query="sort=a&b")
    assert reader.ids() == list(range(1, 26))
    assert {each.query["sort"] for each in api.asked} == {"a&b"}


def test_by_the_link_header(api, reader):
    def answer(asked):
        at = int(asked.query.get("at", "0,").split(",")[0])
        links = (
            f'</customers?at={at}>; rel="prev", </customers?at={at + 10},x>; title="a, b"; rel="last next"'
        )
        return Reply(_slice(at), headers={"Link": links} if at < 20 else {})

    api.answer = answer
    assert reader.with_(pagination="link_header").ids() == list(range(1, 26))


def test_parameters_of_a_post_are_put_into_its_body(api, reader):
    def answer(asked):
        at = asked.json.get("page", {}).get("offset", 0)
        return Reply({"hits": _slice(at)})

    api.answer = answer
    reader.with_(
        method="POST", body='{"filter": {"plan": "gold"}, "page": {"size": 10}}', records="hits", pagination="offset",
        page_parameter="page.offset", cursor_parameter="filter.since",
    )  # fmt: skip
    assert reader.ids({"cursor": "2026-01-05T09:00:00Z"}) == list(range(1, 26))
    assert api.asked[1].json == {
        "filter": {"plan": "gold", "since": "2026-01-05T09:00:00Z"}, "page": {"size": 10, "offset": 10},
    }  # fmt: skip
    assert {each.method for each in api.asked} == {"POST"}


def test_what_is_left_to_it_is_found_out_at_the_first_page_and_kept_for_the_next(api, reader):
    def answer(asked):
        at = int(asked.query.get("cursor", 0))
        return Reply({"data": _slice(at), "next_cursor": str(at + 10) if at < 20 else None})

    api.answer = answer
    reader.with_(records="data", pagination="detect")
    assert reader.ids() == list(range(1, 26))
    [first, *_] = reader.batches(rows=10)
    api.asked.clear()
    assert reader.ids(first.state) == list(range(11, 26)), "it goes on in the middle"
    assert api.asked[0].query == {"cursor": "10"}


def test_further_pages_that_nobody_asked_for_are_told(api, reader):
    api.answer = lambda _asked: Reply({"data": _slice(0), "next_cursor": "x"})
    reader.with_(records="data").batches()
    assert "the answer speaks of further pages" in reader.notes[0]


@pytest.mark.parametrize(
    ("settings", "answer", "words"),
    [
        pytest.param({"pagination": "page"}, lambda _n: {"data": _slice(0)}, "does not know the parameter of the page", id="same page"),
        pytest.param(
            {"pagination": "token", "next": "next", "page_parameter": "t"}, lambda n: {"data": customers(n, n), "next": "again"},
            "names a page as the next one that has been read already", id="same token",
        ),
        pytest.param(
            {"pagination": "token", "next": "next", "page_parameter": "t"}, lambda n: {"data": customers(n % 2, n % 2 + 1), "next": f"{n}"},
            "only records that came on pages before", id="in a circle",
        ),
        pytest.param(
            {"pagination": "token", "next": "next", "page_parameter": "t"}, lambda n: {"data": [], "next": f"{n}"},
            "100 pages in a row had no record", id="nothing for ever",
        ),
    ],
)  # fmt: skip
def test_pages_without_an_end_are_told_and_what_came_is_in(api, reader, settings, answer, words):
    api.answer = lambda _asked: Reply(answer(len(api.asked)))
    rows, error = reader.with_(records="data", **settings).failing()
    assert words in str(error)
    assert isinstance(error, SourceRefused)
    assert len(api.asked) < 200
    assert rows or words.startswith("100 pages")


def test_an_empty_page_with_a_further_one_is_no_end(api, reader):
    pages = [customers(1, 2), [], [], customers(3, 4)]
    api.answer = lambda asked: Reply(
        {
            "data": pages[int(asked.query.get("t", 0))],
            "next": int(asked.query.get("t", 0)) + 1 if asked.query.get("t") != "3" else None,
        }
    )
    assert reader.with_(records="data", pagination="token", next="next", page_parameter="t").ids() == [
        1,
        2,
        3,
        4,
    ]


def test_an_api_that_gives_its_last_page_again_has_ended(api, reader):
    api.answer = lambda asked: Reply(_slice(min(int(asked.query.get("page", 1)) - 1, 1) * 10))
    assert reader.with_(pagination="page").ids() == list(range(1, 21))
    assert "this was taken as the end" in reader.notes[0]


def test_null_is_an_empty_page_and_a_place_that_is_gone_is_told(api, reader):
    api.answer = lambda _asked: Reply({"data": None})
    assert reader.with_(records="data.items").ids() == []
    api.answer = lambda _asked: Reply({"errors": ["busy"], "total": 0})
    with pytest.raises(
        SourceRefused, match=r"no records at “data\.items” in the answer, which has errors, total"
    ):
        reader.ids()
    api.answer = lambda _asked: Reply(status=204, body=b"")
    assert reader.ids() == []


def test_the_next_page_is_looked_for_where_a_redirect_led(api, reader):
    def answer(asked):
        if asked.path == "/customers":
            return Reply(status=302, headers={"Location": "/v2/shop/customers"})
        at = int(asked.query.get("at", 0))
        return Reply(_slice(at), headers={"Link": f'<more?at={at + 10}>; rel="next"'} if at < 20 else {})

    api.answer = answer
    assert reader.with_(pagination="link_header").ids() == list(range(1, 26))
    assert api.paths == ["/customers", "/v2/shop/customers", "/v2/shop/more", "/v2/shop/more"]
