"""`manage.py topics`, on the embedded log."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log


@pytest.fixture
def topics(clean_database):
    del clean_database
    event_log().create_topics([TopicSpec("events.page", 2), TopicSpec("elsewhere", 1, 3600)])

    def run(*arguments: str) -> str:
        out = io.StringIO()
        call_command("topics", *arguments, stdout=out)
        return out.getvalue()

    yield run
    close_event_log()


def test_all_are_listed_and_what_differs_is_marked(topics):
    assert "1 differ" not in topics("list")
    topics("set", "events.page", "--retention", "14d")
    listed = topics("list").splitlines()
    assert any(line.startswith("events.page") and "!retention 7d" in line for line in listed)
    assert any(line.startswith("elsewhere") and "!" not in line for line in listed)
    assert listed[-1].startswith("1 differ from what is declared")


def test_setting_shows_what_is_declared_and_what_is_so(topics):
    said = topics("set", "events.page", "--partitions", "3", "--retention-bytes", "10GB")
    assert "events.page (declared here)" in said
    assert "topics apply events.page" in said
    assert event_log().topics()["events.page"] == 2
    assert "partitions 2 -> 3" in topics("apply", "events.page")
    assert topics("apply", "--all") == "Every topic is as declared.\n"
    found = json.loads(topics("show", "events.page", "--json"))
    assert found["real"] == {
        "partitions": 3, "retention_seconds": 604_800, "retention_bytes": 10 * 1024**3, "cleanup": "delete",
        "replication": None, "min_insync": None,
    }  # fmt: skip
    assert found["drift"] == []


def test_it_can_be_set_and_applied_at_once_and_forgotten(topics):
    assert "retention 7d -> 2d" in topics("set", "events.page", "--retention", "2d", "--apply")
    assert "retention 2d -> 7d" in topics("set", "events.page", "--default", "--apply")
    assert [each["drift"] for each in json.loads(topics("list", "--json"))] == [[], []]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("show", "none"), "there is no topic 'none'"),
        (("set", "events.page", "--retention", "soon"), "as in 14d"),
        (("set", "events.page", "--partitions", "1"), "can only grow"),
        (("set", "events.page", "--replication", "3"), "the embedded log has no copies"),
        (("apply", "none"), "there is no topic 'none'"),
    ],
)
def test_what_is_refused_says_why_in_one_line(topics, arguments, why):
    with pytest.raises(CommandError, match=why) as caught:
        topics(*arguments)
    assert "\n" not in str(caught.value)


def test_the_embedded_log_belongs_to_nobody_else(topics):
    assert "belongs to no other installation" in topics("adopt")
