"""Topics and consumers, on the real log."""

import pytest

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.domain.queries import topics as topics_query
from streaming.event_log import event_log

ADDRESSES = ["topics/", "topics/graph/", "topics/events.page/", "consumers/", "consumers/profiles/"]


@pytest.fixture
def filled(signed_in):
    log = event_log()
    log.create_topics([TopicSpec("events.page", 2)])
    log.append([NewRecord("events.page", b"k", b"jane@example.com", partition=1)] * 3)
    return signed_in


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_who_may_see_the_pipeline_does(filled, address):
    answer = filled("watcher").get(f"/admin/{address}")
    assert answer.status_code == 200
    assert b"jane@example.com" not in answer.content
    assert filled("marketer").get(f"/admin/{address}").status_code == 403


def test_a_topic_tells_its_partitions_and_who_reads_them(filled):
    client = filled("administrator")
    listed = client.get("/admin/topics/").content.decode()
    assert "1: 0–3" in listed
    assert "<svg" in listed
    page = client.get("/admin/topics/events.page/")
    assert [line["records"] for line in page.context["lines"]] == [0, 3]
    assert "has not begun" in page.content.decode()
    assert client.get("/admin/topics/none/").status_code == 404


def test_consumers_that_nobody_runs_say_what_to_do(filled):
    client = filled("administrator")
    assert "Not running" in client.get("/admin/consumers/").content.decode()
    page = client.get("/admin/consumers/profiles/").content.decode()
    assert "run_consumers profiles" in page
    assert client.get("/admin/consumers/none/").status_code == 404


def test_what_is_renewed_comes_without_the_frame(filled):
    client = filled("administrator")
    for address in ADDRESSES[1:]:
        part = client.get(f"/admin/{address}", headers={"HX-Request": "true"}).content
        assert b"<html" not in part, address


def test_a_log_that_is_away_is_said_to_be(filled, monkeypatch):
    class Away:
        def topics(self):
            raise LogUnavailable("the log does not answer at 127.0.0.1")

    monkeypatch.setattr(topics_query, "event_log", Away)
    client = filled("administrator")
    assert "The event log does not answer" in client.get("/admin/topics/").content.decode()
    assert client.get("/admin/topics/events.page/").status_code == 503
