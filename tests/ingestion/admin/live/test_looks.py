"""Looks of the live page: each goes on where the last one ended, shows as much as can be read, and says when to look again."""

import html
import re

import pytest

from ingestion.admin import live
from ingestion.admin.pace import Pace


def look(client, **query: object) -> str:
    return str(client.get("/admin/live/rows/", query).content.decode())


def mark(content: str) -> int:
    (found,) = re.findall(r'data-after="(\d+)"', content)
    return int(found)


def test_a_look_goes_on_where_the_last_one_ended_also_when_it_found_nothing(administrator, arrive):
    arrive("Early", "u-1")
    newest = arrive("Late", "u-1").pk
    address = administrator.post("/admin/live/", {"text": "nowhere"})["Location"]
    assert mark(administrator.get(address).content.decode()) == newest
    assert mark(look(administrator)) == newest
    later = arrive("Later", "u-1").pk
    content = look(administrator, after=newest)
    assert mark(content) == later
    assert re.findall(r'data-key="(\d+)"', content) == [str(later)]


def test_a_look_at_nothing_new_asks_for_no_content(administrator, arrive, django_assert_num_queries):
    newest = arrive("Late", "u-1").pk
    look(administrator, after=newest)
    with django_assert_num_queries(6) as asked:
        look(administrator, after=newest)
    assert not any("raw" in each["sql"] for each in asked.captured_queries)


def test_of_more_than_can_be_read_the_newest_show_and_that_there_were_more(administrator, arrive):
    for number in range(live.AT_ONCE):
        arrive(f"Event {number}", "u-1")
    assert "More arrived" not in look(administrator)
    arrive("The last", "u-1")
    content = look(administrator)
    assert "More arrived" in content
    assert "The last" in content
    assert "Event 0<" not in content
    assert content.count("data-key") == live.AT_ONCE


@pytest.mark.parametrize(("share", "seconds"), [(0.99, "1"), (1e-9, "10")], ids=["cheap", "dear"])
def test_after_a_dear_look_the_page_waits_longer(administrator, arrive, monkeypatch, share, seconds):
    monkeypatch.setattr(live, "PACE", Pace(share=share))
    arrive("Late", "u-1")
    assert administrator.get("/admin/live/rows/")["Retry-After"] == seconds


def test_a_look_reads_the_content_of_so_many_events_and_a_link_leads_to_those_before(
    administrator, arrive, monkeypatch
):
    monkeypatch.setattr("ingestion.domain.queries.live.MOST_SOUGHT", 3)
    arrive("Order Completed", "u-1")
    for number in range(3):
        arrive(f"Event {number}", "u-1")
    assert "Look further back" not in administrator.get("/admin/live/").content.decode()
    address = administrator.post("/admin/live/", {"text": "order comp"})["Location"]
    page = administrator.get(address).content.decode()
    assert "Order Completed" not in page
    assert "Nothing that matches is among" in page
    (further,) = re.findall(r'href="([^"]+)">Look further back', page)
    older = administrator.get(f"/admin/live/{html.unescape(further)}").content.decode()
    assert "Order Completed" in older
    assert "Look further back" not in older
    assert "data-live" not in older, "nothing new comes among what is older"


def test_who_finds_nothing_is_told_where_else_to_look_and_what_was_not_looked_at(
    administrator, marketer, arrive
):
    arrive("Late", "u-1", order_id="ORD-7")
    for client, is_whole in ((administrator, True), (marketer, False)):
        address = client.post("/admin/live/", {"text": "ORD-8"})["Location"]
        page = client.get(address).content.decode()
        assert "one row stands for several" in page
        assert 'href="/admin/trace/">Trace an event</a> finds each of them' in page
        assert ("not in what events hold" in page) is not is_whole
        assert ("Order number" in page) is is_whole
    assert (
        "one row stands for several"
        not in administrator.get("/admin/live/").content.decode().partition("<tbody")[2]
    )
