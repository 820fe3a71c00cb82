from tests.profiles.people import person_of
from tests.profiles.sessions.driver import Pipeline, end, page


def test_the_visits_of_a_person_as_programs_read_them(api, fresh_database):
    pipeline = Pipeline(fresh_database)
    pipeline.send(page(0, "/a"), page(5, "/b"), end(6), page(60, "/c"))
    pipeline.stop()
    where = f"/api/v1/profiles/{person_of('anonymous_id', 'a1').public_id}/sessions/"
    first = api.get(where, {"page_size": 1}).json()
    assert [(each["state"], each["ended_at"], each["entry_page"]) for each in first["results"]] == [
        ("open", None, "/c")
    ]
    [older] = api.get(first["next"]).json()["results"]
    assert older.pop("id")
    assert older == {
        "source": "source 1", "source_id": 1, "state": "ended", "started_at": "2026-03-01T12:00:00Z",
        "ended_at": "2026-03-01T12:06:00Z", "last_event_at": "2026-03-01T12:06:00Z", "duration": 360.0,
        "started_by": "first_event", "ended_by": "mark", "events": 3, "pages": 2, "entry_page": "/a",
        "exit_page": "/b", "session_id": None, "masked": [],
    }  # fmt: skip
    assert api.get(where, {"event": "x"}).status_code == 400
