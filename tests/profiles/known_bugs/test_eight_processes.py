"""Eight processes merge the same people from all sides on PostgreSQL: nobody is two people, and nothing is lost."""

import itertools
import multiprocessing
import random
from typing import Any

from profiles.models import DailyCounter, Profile, TimelineEvent
from tests.profiles.builder.driver import event, record_of
from tests.profiles.builder.model import book_of, expected_people
from tests.profiles.builder.picture import clear, people, picture
from tests.profiles.known_bugs.merging import PATIENCE_S, Told, lead

PROCESSES = 8
CHAINS = 10
DEVICES_OF_HUB = 24


def chains() -> list[dict]:
    """A knows B's e-mail, B knows C's, C knows A's: each chain becomes one person, whoever merges first."""
    letters = ("a", "b", "c", "a")
    found = []
    for chain in range(CHAINS):
        for place, (end, other) in enumerate(itertools.pairwise(letters)):
            for minute, mail in enumerate((end, other)):
                found.append(
                    event(
                        "identify",
                        anonymous_id=f"{end}{chain}",
                        minutes=10 * minute + place,
                        traits={
                            "email": f"{mail}{chain}@x.org",
                            "plan": f"{place}-{minute}",
                            f"k{place}{minute}": chain,
                        },
                    )
                )
    return found


def hubs() -> list[dict]:
    """Two users with many devices, and devices that both of them use."""
    found = []
    for number in range(DEVICES_OF_HUB):
        for hub, user in enumerate(("hub-0", "hub-1")):
            device = f"h-{number}" if number % 6 == 0 else f"h{hub}-{number}"
            found.append(
                event(
                    "identify",
                    anonymous_id=device,
                    user_id=user,
                    minutes=number,
                    traits={f"d{number}": hub, "last": number},
                )
            )
    return found


def work(database: str, shares: list[list[list[Any]]]) -> list[Told]:
    """Have a process build each share."""
    spawn = multiprocessing.get_context("spawn")
    ear, mouth = spawn.Pipe(duplex=False)
    leader = spawn.Process(target=lead, args=(database, shares, mouth))
    leader.start()
    mouth.close()
    try:
        assert ear.poll(PATIENCE_S), "the processes said nothing"
        told: list[Told] = ear.recv()
        leader.join(PATIENCE_S)
    finally:
        leader.kill()
        leader.join()
        leader.close()
        ear.close()
    return told


def test_eight_processes_make_the_people_of_the_pure_function_and_lose_no_update(database, builder):
    chance = random.Random(7)
    events = [*chains(), *hubs()]
    deck = events + chance.sample(events, 20)  # some of them twice
    chance.shuffle(deck)
    shares = [[[record_of(each)] for each in deck[number::PROCESSES]] for number in range(PROCESSES)]
    told = work(database.name, shares)
    assert [(each.failure, each.rejected) for each in told] == [("", 0)] * PROCESSES
    assert sum(each.committed for each in told) == len(deck)

    expected, shared, outcomes = expected_people(events, book_of(builder.connection))
    built = picture()
    assert set(people().values()) == expected
    assert built["shared"] == shared
    assert {key: row[2:] for key, row in built["evidence"].items()} == outcomes  # type: ignore[attr-defined]
    assert TimelineEvent.objects.count() == len(events)
    assert sum(DailyCounter.objects.values_list("count", flat=True)) == len(events)
    _check_traits(events)
    assert _as_one_builder_makes_it(builder, events) == built


def _check_traits(events: list[dict]) -> None:
    """Of each chain's person every trait is the newest that any of its events told."""
    for chain in range(CHAINS):
        told: dict[str, tuple[str, str, Any]] = {}
        for each in events:
            if (each["anonymous_id"] or "")[1:] == str(chain):
                for key, value in each["traits"].items():
                    told[key] = max(
                        told.get(key, ("", "", None)), (each["timestamp"], each["message_id"], value)
                    )
        person = Profile.objects.get(
            identifiers__value=f"a{chain}", identifiers__namespace__key="anonymous_id"
        )
        assert person.traits == {key: value for key, (_, _, value) in told.items()}


def _as_one_builder_makes_it(builder, events: list[dict]) -> dict[str, object]:
    clear(builder.connection)
    builder.send(*events)
    return picture()
