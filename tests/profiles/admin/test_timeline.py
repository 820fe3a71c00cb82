"""The timeline of a person's page: visits folded, filtered by channel, page by page."""

import re

import pytest
from django.urls import reverse

from profiles.models import Profile
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of
from tests.profiles.sessions.driver import Pipeline, page, seen

WEB, PHONE = {"channel": "browser"}, {"channel": "mobile"}


@pytest.fixture
def pipeline(fresh_database):
    pipeline = Pipeline(fresh_database)
    yield pipeline
    pipeline.stop()


def _timeline(client, person: Profile, **posted: str) -> str:
    answer = client.post(reverse("admin:person_timeline", args=[person.public_id]), posted)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _rows(text: str) -> list[str | list[str]]:
    """The timeline as a reader has it: the titles of events, those within a visit as a list of their own."""
    rows: list[str | list[str]] = []
    for row in re.split(r'(<li class="hw-fold">.*?</details>)', text, flags=re.DOTALL):
        titles = re.findall(r'class="hw-event-title"[^>]*>([^<]*)<', row)
        rows += [titles] if row.startswith('<li class="hw-fold">') else titles
    return rows


def _titles(text: str) -> list[str]:
    """All of them, within visits and beside."""
    return [title for row in _rows(text) for title in ([row] if isinstance(row, str) else row)]


def test_a_visit_is_a_row_that_opens_to_its_events_and_others_stand_by_themselves(signed_in, pipeline):
    pipeline.send(page(0, "/a"), page(2, "/b"), seen(60, name="Alone"), page(200, "/c"), page(203, "/<d>"))
    pipeline.build(seen(202, name="In no visit", source_id=2))
    text = _timeline(signed_in("administrator"), person_of("anonymous_id", "a1"))
    assert _rows(text) == [
        ["Viewed a page", "Viewed a page"], "In no visit", "Alone", ["Viewed a page", "Viewed a page"],
    ]  # fmt: skip
    first, *_ = text.split("<details>")[1].split("</summary>")
    assert "3 min" in first
    assert "2 events" in " ".join(first.split())
    assert "/c → /&lt;d&gt;" in first


def test_events_of_a_visit_with_an_id_do_not_fold_into_one_without(signed_in, pipeline):
    keyed = {"context": {"sessionId": 1700000000}}
    pipeline.send(
        seen(0, name="A"),
        seen(4, name="B"),
        seen(2, name="C"),
        seen(1, name="Keyed 1", **keyed),
        seen(3, name="Keyed 2", **keyed),
    )
    text = _timeline(signed_in("administrator"), person_of("anonymous_id", "a1"))
    assert _rows(text) == [["B", "C", "A"], ["Keyed 2", "Keyed 1"]]


def test_a_visit_goes_on_over_pages_with_every_event_once(signed_in, pipeline):
    pipeline.send(*(seen(n / 10, name=f"E{n:02}") for n in range(70)))
    client, person = signed_in("administrator"), person_of("anonymous_id", "a1")
    first = _timeline(client, person)
    assert "50 of 70 events here" in " ".join(first.split())
    [cursor] = re.findall(r'"cursor": "([^"]+)"', first.replace("\\u002D", "-"))
    second = _timeline(client, person, cursor=cursor)
    assert "20 of 70 events here" in " ".join(second.split())
    assert _titles(first) + _titles(second) == [f"E{n:02}" for n in range(69, -1, -1)]


def test_the_timeline_is_filtered_by_channel(signed_in, pipeline):
    pipeline.send(
        seen(0, name="Clicked", context=WEB),
        seen(1, name="Tapped", context=PHONE),
        seen(2, name="Read from a file", import_id=7),
        event("identify", 3, anonymous_id="a1", user_id="u"),
    )
    client, person = signed_in("administrator"), person_of("user_id", "u")
    for channel, title in (("web", "Clicked"), ("mobile", "Tapped"), ("import", "Read from a file")):
        assert _titles(_timeline(client, person, channel=channel)) == [title]
    assert "No event matches" in _timeline(client, person, channel="device")
    assert len(_titles(_timeline(client, person, channel="pigeon"))) >= 4
    whole = client.get(f"{reverse('admin:person', args=[person.public_id])}?channel=mobile").content.decode()
    assert '<option value="mobile" selected>' in whole


def test_what_is_searched_for_is_not_folded_away(signed_in, pipeline):
    pipeline.send(page(0, "/a"), page(2, "/b"))
    client, person = signed_in("administrator"), person_of("anonymous_id", "a1")
    assert _titles(_timeline(client, person, text="/b")) == ["Viewed a page"]
    assert _titles(_timeline(client, person, event="page")) == ["Viewed a page", "Viewed a page"]


def test_the_side_column_tells_the_household(signed_in, pipeline):
    pipeline.send(event("group", 0, user_id="u", group_id="acme", traits={"name": "Acme <Ltd>"}))
    client, person = signed_in("administrator"), person_of("user_id", "u")
    whole = client.get(reverse("admin:person", args=[person.public_id])).content.decode()
    where = reverse("admin:person_households", args=[person.public_id])
    assert f'hx-get="{where}"' in whole
    part = client.get(where).content.decode()
    assert "Acme &lt;Ltd&gt;" in part
    assert "1 member" in part
    assert (
        client.get(where.replace(str(person.public_id), "01a22ac8-d645-72d7-8660-49f3b8767806")).status_code
        == 404
    )
