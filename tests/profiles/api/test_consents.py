"""`consents/` over REST: the most restrictive of what the anchors of a person say."""

from tests.profiles.api.test_facts import address
from tests.profiles.builder.driver import event
from tests.profiles.people import person_of


def says(minutes: float = 0, **ids):
    granted = ids.pop("granted")
    preferences = {"context": {"consent": {"categoryPreferences": granted}}}
    return event("track", minutes, **ids, **preferences)


def stated(api, user: str) -> dict[str, bool]:
    results = api.get(address(person_of("user_id", user), "consents")).json()["results"]
    return {each["purpose"]: each["granted"] for each in results}


def test_of_one_device_the_newest_statement_counts_whenever_it_arrives(api, builder):
    builder.send(says(5, user_id="u", granted={"Marketing": False, "Analytics": True}))
    builder.send(
        says(9, user_id="u", granted={"Marketing": True}), says(1, user_id="u", granted={"Analytics": False})
    )
    assert stated(api, "u") == {"analytics": True, "marketing": True}
    (page,) = api.get(address(person_of("user_id", "u"), "consents"), {"page_size": 1}).json()["results"]
    assert page == {"purpose": "analytics", "granted": True, "stated_at": "2026-03-01T12:05:00Z"}


def test_who_turns_out_to_be_one_person_refuses_what_either_refused(api, builder):
    builder.send(
        says(1, anonymous_id="a", granted={"marketing": False}),
        says(2, user_id="u", granted={"marketing": True}),
    )
    assert stated(api, "u") == {"marketing": True}
    builder.send(event("identify", 3, anonymous_id="a", user_id="u"))
    assert stated(api, "u") == {"marketing": False}


def test_a_person_who_said_nothing_neither_grants_nor_refuses(api, jane):
    assert api.get(address(jane, "consents")).json()["results"] == []


def test_who_may_not_see_behaviour_sees_only_of_which_purposes(client_with, builder):
    builder.send(says(user_id="u", granted={"marketing": True}))
    client = client_with("people.view", categories=[])
    (told,) = client.get(address(person_of("user_id", "u"), "consents")).json()["results"]
    assert told == {"purpose": "marketing", "granted": None, "stated_at": None}
