"""A real S3-compatible server with real signatures: objects are read and moved, and what goes wrong is said."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine

from ingestion.sources.contract import SourceRefused, SourceUnavailable, StreamRefused
from ingestion.sources.files import S3Source, s3, s3_listing, s3_session
from ingestion.sources.files.patterns import Pattern
from ingestion.sources.files.s3 import S3Folder
from ingestion.sources.files.s3_listing import Entry, Listing
from ingestion.sources.files.s3_signing import Keys, signed_headers, written_query
from ingestion.sources.files.walking import Walk
from tests.ingestion.sources.files.conftest import Feed, settings_of, table
from tests.s3_server import S3Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    made = S3Server(tmp_path_factory.mktemp("s3"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def feed(server: S3Server, home: Path, request: Any) -> Feed:
    """A folder of the bucket for this test alone."""
    if server.process is None:
        server.start()
    folder = server.bucket / request.node.name
    (folder / "orders").mkdir(parents=True)
    return Feed(folder, S3Source(), {**settings_of(folder), **server.settings, "prefix": request.node.name})


def test_objects_are_read_moved_and_described(feed):
    feed.settings["after"] = "move"
    feed.put("orders/b.csv", table(3, 4), age=500)
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("orders/bad.gz", b"\x1f\x8b\x08 nothing", age=400)
    assert "3 files, such as orders/a.csv" in feed.kind.check(feed.settings)
    assert [column.name for column in feed.kind.describe(feed.settings, "x").columns][:3] == list(
        feed.columns
    )
    assert [
        row.values["id"]
        for row in feed.kind.sample({**feed.settings, "pattern": "orders/*.csv"}, feed.selection(), rows=1)
    ] == ["3"]
    read = feed.read()
    assert read.ids == ["1", "2", "3", "4"]
    assert read.reasons[0].startswith("orders/bad.gz: ")
    there = sorted(
        path.relative_to(feed.folder).as_posix()[:14] for path in feed.folder.rglob("*") if path.is_file()
    )
    assert [name[:13] for name in there if not name.endswith(".csv.")][:2] == [
        "orders/done/a",
        "orders/done/b",
    ]
    assert feed.read().rows == []


def test_a_listing_of_many_pages_is_read_whole(feed):
    for number in range(1100):  # a page has a thousand
        feed.put(f"orders/{number:04}.csv", "id\n1\n")
    with feed.kind.opened(feed.settings) as place:
        found = {file.name for file in place.files(Walk(Pattern("orders/*.csv")))}
    assert found == {f"orders/{number:04}.csv" for number in range(1100)}


def test_a_listing_asks_for_a_page_when_the_one_before_is_used_up(feed, monkeypatch):
    monkeypatch.setattr(s3_listing, "PAGE", 2)
    asked: list[str] = []
    ask = Listing._asked

    def noted(self: Listing, prefix: str, following: str) -> bytes:
        asked.append(following)
        return ask(self, prefix, following)

    monkeypatch.setattr(Listing, "_asked", noted)
    for number in range(5):
        feed.put(f"orders/{number}.csv", "id\n1\n")
    with feed.kind.opened(feed.settings) as place:
        found = place.files(Walk(Pattern("orders/*.csv")))
        assert [next(found).name for _ in range(2)] == ["orders/0.csv", "orders/1.csv"]
        assert len(asked) == 1
        assert [file.name for file in found] == ["orders/2.csv", "orders/3.csv", "orders/4.csv"]
    assert len(asked) == len(set(asked)) == 3


def test_names_and_times_are_as_the_store_has_them(feed):
    name = "orders/a b+c&d=é%20'(1).csv"
    feed.put(name, "id\n1\n", age=500)
    with feed.kind.opened(feed.settings) as place:
        (found,) = place.files(Walk(Pattern("**/*.csv")))
        looked = place.look(name)
    assert (found.name, found.size) == (name, 5)
    assert abs(found.modified - looked.modified) < 1_000_000


def listed(answer: str, status: int = 200, encoding: str = "utf-8") -> Any:
    """What comes of a listing that is answered so."""
    listing = Listing({"bucket": "exports"})
    listing._client = httpx.Client(
        transport=httpx.MockTransport(
            lambda _request: httpx.Response(status, content=iter([answer.encode(encoding)]))
        )
    )
    return [*listing.entries("crm")]


def test_what_is_no_list_of_objects_is_refused():
    bomb = '<!DOCTYPE a [<!ENTITY b "bb">]><ListBucketResult>&b;</ListBucketResult>'
    for answer in ("", "<html>", bomb):
        with pytest.raises(StreamRefused, match="no list of objects"):
            listed(answer)
    with pytest.raises(StreamRefused, match="no list of objects"):
        listed(bomb, encoding="utf-16")
    with pytest.raises(OSError, match="HTTP status 403"):
        listed("no", 403)
    with pytest.raises(OSError, match="AWS Error NO_SUCH_BUCKET during ListObjectsV2: not there"):
        listed("<Error><Code>NoSuchBucket</Code><Message>not there</Message></Error>", 404)
    page = """<r xmlns="x"><Contents><Key>crm/</Key><LastModified>2026-01-05T10:00:00Z</LastModified><Size>0</Size></Contents>
        <Contents><Key>crm/a</Key><LastModified>2026-01-05T10:00:00.007Z</LastModified><Size>7</Size></Contents>
        <CommonPrefixes><Prefix>crm/b/</Prefix></CommonPrefixes><CommonPrefixes><Prefix>crm//</Prefix></CommonPrefixes></r>"""
    assert listed(page)[1:] == [
        Entry("crm/a", is_folder=False, modified=1_767_607_200_007_000, size=7),
        Entry("crm/b", is_folder=True),
    ]


@time_machine.travel(datetime(2013, 5, 24, tzinfo=UTC), tick=False)
def test_a_signature_is_that_of_the_examples_of_amazon():
    keys = Keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    query = written_query({"prefix": "J", "max-keys": "2"})
    headers = signed_headers(keys, f"https://examplebucket.s3.amazonaws.com/?{query}")
    assert headers["Authorization"].endswith(
        "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    )


class Guarded:
    """The bucket as a user sees it who may not list one folder, in the words in which a store says so."""

    def __init__(self, objects: Listing) -> None:
        self._objects = objects

    def entries(self, folder: str) -> Any:
        if folder.endswith("/secret"):
            raise OSError("AWS Error ACCESS_DENIED during ListObjectsV2: Access Denied")
        return self._objects.entries(folder)


def test_a_folder_that_the_key_may_not_list_is_told_and_the_others_are_read(feed, monkeypatch):
    feed.settings["pattern"] = "**/*.csv"
    feed.put("orders/a.csv", table(1, 2), age=900)
    feed.put("secret/b.csv", table(3, 4), age=800)
    monkeypatch.setattr(s3, "S3Folder", lambda store, root, objects: S3Folder(store, root, Guarded(objects)))  # type: ignore[arg-type]
    read = feed.read()
    assert read.ids == ["1", "2"]
    assert read.notes[0].startswith("Cannot be looked into (access denied)")
    assert read.notes[0].endswith(": secret")


def test_what_the_store_refuses_is_said_without_the_secret(feed, server):
    def refused(**changes: str) -> str:
        with pytest.raises((SourceRefused, SourceUnavailable)) as raised:
            feed.kind.check({**feed.settings, **changes})
        assert "another secret" not in str(raised.value)
        return str(raised.value)

    assert "refused the secret key" in refused(secret_key="another secret")
    assert "access key" in refused(access_key="somebody")
    assert "no bucket of this name" in refused(bucket="nowhere")
    assert "without “..”" in refused(prefix="../other")
    assert "name of the bucket alone" in refused(bucket="exports/x")
    assert "without http://" in refused(endpoint=f"http://{feed.settings['endpoint']}")
    assert "only this machine itself sees" in refused(endpoint="169.254.169.254:80")
    assert "encrypted connection" in refused(transport="tls")
    assert "Nothing answers" in refused(endpoint="127.0.0.1:1")


def test_a_store_that_dies_while_files_are_read_costs_nothing(feed, server, monkeypatch):
    monkeypatch.setattr(s3_session, "CONNECT_S", 2)
    feed.put("orders/a.csv", table(1, 300), age=500)
    feed.put("orders/b.csv", table(301, 400), age=400)
    first = feed.read(rows=120, most=1)
    server.stop()
    state = feed.state
    with pytest.raises(SourceUnavailable):
        feed.read()
    assert feed.state == state
    server.start()
    rest = feed.read(rows=120)
    assert first.ids + rest.ids == [str(number) for number in range(1, 401)]
