"""Answers that are torn, packed, endless, refused or put off: bounded, and told in a sentence."""

import gzip
import json
import tracemalloc
import zlib

import pytest

from ingestion.sources.contract import SourceRefused, SourceUnavailable
from ingestion.sources.rest import bodies, pace
from tests.ingestion.sources.rest.server import Reply, customers, packed

DAMAGED = (
    gzip.compress(json.dumps(customers(1, 99)).encode()).replace(b"\0\0", b"\xff\xff", 1)[:40] + b"\xff" * 200
)


def test_a_packed_answer_is_unpacked(api, reader):
    api.answer = lambda _asked: packed(customers(1, 3))
    assert reader.ids() == [1, 2, 3]
    deflated = zlib.compress(json.dumps(customers(4, 5)).encode())
    api.answer = lambda _asked: Reply(headers={"Content-Encoding": "deflate"}, body=deflated)
    assert reader.ids() == [4, 5]
    assert api.asked[0].headers["accept-encoding"] == "gzip, deflate"


def test_an_answer_that_unpacks_to_far_too_much_costs_no_more_than_the_bound(api, reader, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_BODY", 4 * 1024 * 1024)
    bomb = gzip.compress(b"[" + b" " * 60_000_000)
    api.answer = lambda _asked: Reply(headers={"Content-Encoding": "gzip"}, body=bomb)
    tracemalloc.start()
    with pytest.raises(SourceRefused, match="more than 4 MB: ask for fewer records on a page"):
        reader.ids()
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_answer_that_is_too_large_is_not_read_to_its_end(api, reader, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_BODY", 100_000)
    api.answer = lambda _asked: Reply(customers(1, 5000))
    with pytest.raises(SourceRefused, match="ask for fewer records"):
        reader.ids()


def test_an_answer_that_takes_for_ever_is_given_up(api, reader, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_SECONDS", -1.0)
    api.answer = lambda _asked: Reply(customers(1, 5))
    with pytest.raises(SourceUnavailable, match="had not come to its end"):
        reader.ids()


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(customers(1, 9), breaks=100), SourceUnavailable, "broke off"),
        (Reply(body=b'[{"id": 1, "up'), SourceUnavailable, "is no whole JSON document: it ends, or cannot be read, within its 14 bytes."),
        (Reply(body=b"Down for\nmaintenance", headers={"Content-Type": "Text/Plain; charset=utf-8"}), SourceUnavailable, "but text/plain of 20 bytes, with status 200: check the path"),
        (Reply(body=b"Down", status=201, headers={"Content-Type": "jane@example.com"}), SourceUnavailable, "but something without a content type of 4 bytes, with status 201"),
        (Reply(body=b"<!DOCTYPE html><h1>Sign in</h1>"), SourceRefused, "A page for people came instead of JSON"),
        (Reply(body=b"[" * 5000), SourceUnavailable, "no whole JSON document"),
        (Reply(body=DAMAGED, headers={"Content-Encoding": "gzip"}), SourceUnavailable, "damaged"),
        (Reply(body=gzip.compress(b"[]")[:-9], headers={"Content-Encoding": "gzip"}), SourceUnavailable, "broke off"),
        (Reply(body=b"x", headers={"Content-Encoding": "br"}), SourceRefused, "packed as 'br'"),
        (Reply({"message": "slow down"}, 429), SourceUnavailable, "wants fewer requests just now. It said: slow down"),
        (Reply({"error": {"message": "oops"}}, 500), SourceUnavailable, "trouble of its own (status 500). It said: oops"),
        (Reply(body=b"<h1>Bad gateway</h1>", status=502), SourceUnavailable, "(status 502)."),
        (Reply({"errors": [{"detail": "since is no date"}]}, 400), SourceRefused, "(status 400): check the path and the parameters. It said: since is no date"),
        (Reply({}, 404), SourceRefused, "There is nothing at this path"),
        (Reply(body=b"x" * 5000, status=422), SourceRefused, "xxx"),
    ],
    ids=["broken off", "torn", "words", "no type", "html", "nested", "damaged", "half packed", "unknown packing", "429", "500", "502", "400", "404", "422"],
)  # fmt: skip
def test_what_goes_wrong_is_told_in_a_sentence(api, reader, reply, kind, words):
    api.answer = lambda _asked: reply
    rows, error = reader.failing()
    assert (rows, type(error) in (kind, *kind.__subclasses__())) == ([], True)
    assert words in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize(
    "begins",
    [b' [{"email": "jane@', b'\xef\xbb\xbf{"email": "jane@', b'"jane@', b"id,email\n1,jane@", b"jane@"],
)
def test_nothing_of_records_is_quoted(api, reader, begins):
    api.answer = lambda _asked: Reply(body=begins + b"example.com")
    _, error = reader.failing()
    assert "no whole JSON document" in str(error)
    assert "jane" not in str(error)


def test_what_came_before_a_failure_is_in_and_reading_goes_on_after_it(api, reader):
    api.answer = lambda asked: (
        Reply(customers(1, 2)) if "page" not in asked.query else Reply({"message": "down"}, status=500)
    )
    reader.with_(pagination="page")
    batches = reader.kind.read(reader.settings, reader.selection(), {}, rows=1000)
    first = next(batches)
    assert [row.values["id"] for row in first.rows] == [1, 2]
    with pytest.raises(SourceUnavailable):
        next(batches)
    api.answer = lambda asked: Reply(customers(3, 4) if asked.query.get("page") == "2" else [])
    assert reader.ids(first.state) == [3, 4]


@pytest.mark.parametrize(
    ("header", "waited"),
    [("3", [3.0, 3.0]), ("120", []), ("Mon, 05 Jan 2026 10:02:00 GMT", []), ("soon", [0.5, 0.5])],
    ids=["seconds", "long", "a moment", "nonsense"],
)
def test_an_api_is_left_alone_for_as_long_as_it_says(api, reader, waits, header, waited):
    for status in (429, 503):
        waits.clear()
        headers = {"Retry-After": header, "Date": "Mon, 05 Jan 2026 10:00:00 GMT"}
        reply = Reply({}, status=status, headers=headers)
        api.answer = lambda _asked, reply=reply: reply
        _, error = reader.failing()
        assert isinstance(error, SourceUnavailable)
        assert (waits, error.retry_after) == (waited, {"3": 3.0, "soon": None}.get(header, 120.0))


def test_a_short_failure_is_got_over(api, reader):
    api.answer = lambda _asked: Reply(customers(1, 2)) if len(api.asked) > 1 else Reply({}, status=503)
    assert reader.ids() == [1, 2]


def test_requests_keep_to_the_promised_rate(api, reader, waits, monkeypatch):
    monkeypatch.setattr(pace, "_free_at", {})
    api.answer = lambda asked: Reply(customers(1, 2) if asked.query.get("page", "1") == "1" else [])
    reader.with_(pagination="page", requests_per_minute="1").ids()
    [wait] = waits
    assert 0 < wait <= 60
    monkeypatch.setattr(pace, "LONGEST_S", 1.0)
    _, error = reader.failing()
    assert "requests a minute are used up" in str(error)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('[{"id": 1, "email": "zoë"}]'.encode("latin-1"), "application/json; charset=latin-1"),
        ('[{"id": 1, "email": "zoë"}]'.encode("utf-16"), "application/json"),
        ('\ufeff[{"id": 1, "email": "zoë"}]'.encode(), "application/json"),
        ('[{"id": 1, "email": "zoë"}]'.encode(), "text/plain; charset=nonsense"),
    ],
    ids=["latin-1", "utf-16", "byte order mark", "unknown charset"],
)  # fmt: skip
def test_encodings_are_read_as_they_are_said_to_be(api, reader, body, kind):
    api.answer = lambda _asked: Reply(body=body, headers={"Content-Type": kind})
    [row] = reader.rows(mode="full", cursor="")
    assert row.values["email"] == "zoë"


def test_what_cannot_be_decoded_is_replaced_as_in_the_collector(api, reader):
    api.answer = lambda _asked: Reply(body=b'[{"id": 1, "email": "zo\xeb", "plan": "\\ud83d"}]')
    [row] = reader.rows(mode="full", cursor="")
    assert row.values["email"] == "zo\ufffd"
