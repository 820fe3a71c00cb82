"""After a lossy failover the incarnation is raised, and what readers hold of lost changes is overruled."""

import orjson
import pytest
from django.core.management import call_command

from profiles.domain import republishing
from profiles.models import Profile
from streaming.contracts.profiles import CHANGES_TOPIC, MOST_ANCHORS
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.ingestion.collector.serving import LogView
from tests.profiles.builder.driver import Driver, event


@pytest.fixture
def people(fresh_database):
    """Three people, of whom the database knows what it knows; and the log."""
    driver = Driver(fresh_database)
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    for number in range(3):
        driver.send(event("identify", user_id=f"u{number}", traits={"plan": f"plan {number}"}))
    driver.close()
    view = LogView(fresh_database.conninfo)
    yield view
    view.close()
    close_event_log()


def published(view: LogView) -> list[dict]:
    return [orjson.loads(record.value) for record in view.records(CHANGES_TOPIC)]


def test_all_people_are_published_under_a_version_above_all_that_were_lost(people, monkeypatch, capsys):
    monkeypatch.setattr(republishing, "STEP", 2)
    call_command("raise_incarnation")
    changes = published(people)
    assert sorted(change["value"]["traits"]["plan"] for change in changes) == ["plan 0", "plan 1", "plan 2"]
    assert {change["version"][0] for change in changes} == {2}
    assert all(change["anchors"] and change["anchors"][0][2] == change["profile"] for change in changes)
    said = capsys.readouterr().out
    assert "The incarnation is 2." in said
    assert "profiles.changes: 3 records published anew" in said


def test_interrupted_it_goes_on_and_what_is_done_is_not_repeated(people, monkeypatch):
    call_command("raise_incarnation", "--rebuild-only")
    assert published(people) == [], "nobody was published in a former incarnation"
    call_command("raise_incarnation")
    call_command("raise_incarnation", "--rebuild-only")
    assert len(published(people)) == 3


def test_somebody_with_many_anchors_is_told_in_parts(people, fresh_database):
    driver = Driver(fresh_database)
    many = MOST_ANCHORS + 1
    driver.send(*(event(anonymous_id=f"d{number}", user_id="u0") for number in range(many - 1)))
    driver.close()
    call_command("raise_incarnation")
    holder = [each for each in published(people) if len(each["anchors"]) > 1 or "part" in each]
    assert [(len(each["anchors"]), each["part"]) for each in holder] == [(MOST_ANCHORS, [1, 2]), (1, [2, 2])]
    assert holder[1]["version"] == [2, holder[0]["version"][1] + 1]
    assert list(Profile.objects.filter(identifiers__value="u0").values_list("incarnation", "version")) == [
        tuple(holder[1]["version"])
    ]
