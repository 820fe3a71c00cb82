"""`behaviour/` over REST."""

from profiles.consumers.behaviour import BehaviourConsumer
from tests.profiles.api.test_facts import address
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import follow


def click(minutes: float, device: str = "a1", **properties):
    return event(
        anonymous_id=device, user_id="42", minutes=minutes, name="Element Clicked",
        properties={"text": "Pay", **properties},
    )  # fmt: skip


def test_visits_come_newest_first_with_features_and_annoyances(api, builder, jane):
    builder.send(click(60), click(200), click(200.01), click(200.02))
    follow(BehaviourConsumer(), builder)
    newest, earlier = api.get(address(jane, "behaviour")).json()["results"]
    assert (newest["started_at"], newest["source"]) == ("2026-03-01T15:20:00Z", "source 1")
    assert (newest["features"]["clicks"], newest["features"]["rage_clicks"]) == (3, 1)
    assert newest["annoyances"] == [
        {
            "kind": "rage_clicks", "at": "2026-03-01T15:20:00Z", "what": "Pay", "page": None, "times": 3,
            "seconds": 1.2,
        }
    ]  # fmt: skip
    assert (earlier["features"]["clicks"], earlier["annoyances"], earlier["is_cut"]) == (1, [], False)


def test_visits_of_all_devices_come_page_by_page_and_back(api, builder, jane):
    builder.send(*(click(60 * number, f"a{1 + number % 2}") for number in range(1, 6)))
    follow(BehaviourConsumer(), builder)
    found, where = [], f"{address(jane, 'behaviour')}?page_size=2"
    while where:
        page = api.get(where).json()
        found.append([int(each["started_at"][11:13]) - 12 for each in page["results"]])
        where = page["next"]
    assert found == [[5, 4], [3, 2], [1]]
    back = api.get(page["previous"]).json()["results"]
    assert [int(each["started_at"][11:13]) - 12 for each in back] == [3, 2]


def test_who_may_not_see_behaviour_sees_only_that_there_were_visits(client_with, builder, jane):
    builder.send(click(60))
    follow(BehaviourConsumer(), builder)
    (visit,) = client_with("people.view", categories=[]).get(address(jane, "behaviour")).json()["results"]
    assert (visit["features"], visit["annoyances"]) == (None, [])
    assert visit["masked"] == ["features", "annoyances"]
