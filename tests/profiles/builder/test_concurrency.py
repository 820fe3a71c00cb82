"""Several builders on the same people: nothing is lost, and nobody is two people."""

import random
import threading

import psycopg
import pytest

from profiles.models import DailyCounter, Profile, TimelineEvent
from streaming.runtime.consumer import MessageRejected
from tests.profiles.builder.driver import Driver, event
from tests.profiles.builder.model import book_of, expected_people
from tests.profiles.builder.picture import people

TRIES = 200


class Worker(threading.Thread):
    """A builder that sends each of its batches until it is committed, as the runtime does."""

    def __init__(self, database, batches: list[list[dict]], start: threading.Barrier) -> None:
        super().__init__()
        self._driver, self._batches, self._barrier = Driver(database), batches, start
        self.retries = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self._barrier.wait(30)
            for batch in self._batches:
                self._send(batch)
        except Exception as error:  # noqa: BLE001 -- the test raises it, whatever it is
            self.failure = error
        finally:
            self._driver.close()

    def _send(self, batch: list[dict]) -> None:
        for _ in range(TRIES):
            try:
                self._driver.send(*batch)
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, MessageRejected):
                self.retries += 1
            else:
                return
        raise AssertionError(f"a batch was not committed in {TRIES} tries")


def work(database, shares: list[list[list[dict]]]) -> list[Worker]:
    barrier = threading.Barrier(len(shares))
    workers = [Worker(database, share, barrier) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.failure is None, worker.failure
    return workers


def link(a: str, b: str):
    """An event that shows a device with the e-mail of another one."""
    return event("identify", anonymous_id=a, traits={"email": f"{b}@x.org"})


@pytest.mark.parametrize("seed", range(4))
def test_chains_that_meet_from_three_sides_become_one_person(database, seed):
    chance = random.Random(seed)
    chains = 12
    edges = [
        [(f"{end}{chain}", f"{other}{chain}") for chain in range(chains)]
        for end, other in (("a", "b"), ("b", "c"), ("c", "a"))
    ]
    # A device and an e-mail of the same letter belong together by an event of their own.
    shares = [
        [[link(a, b), event("identify", anonymous_id=a, traits={"email": f"{a}@x.org"})] for a, b in each]
        for each in edges
    ]
    for share in shares:
        chance.shuffle(share)
    work(database, shares)
    assert Profile.objects.count() == chains
    assert {len(each) for each in people().values()} == {6}
    assert TimelineEvent.objects.count() == 6 * chains
    assert sum(DailyCounter.objects.values_list("count", flat=True)) == 6 * chains


@pytest.mark.parametrize("seed", range(4))
def test_builders_beside_each_other_make_the_people_of_the_pure_function(database, seed):
    chance = random.Random(seed)
    events = [
        event(
            chance.choice(["track", "identify", "alias"]),
            minutes=chance.randrange(50),
            anonymous_id=chance.choice([None, *(f"a{number}" for number in range(8))]),
            user_id=chance.choice([None, None, *(f"u{number}" for number in range(4))]),
            previous_id=f"a{chance.randrange(8)}",
            traits=chance.choice(
                [{}, {"email": f"e{chance.randrange(4)}@x.org", "plan": chance.randrange(9)}]
            ),
        )
        for _ in range(120)
    ]
    shares: list[list[list[dict]]] = [[], [], []]
    for start in range(0, len(events), 4):
        chance.choice(shares).append(events[start : start + 4])
    work(database, shares)
    with database.connect() as connection:
        expected, _, _ = expected_people(events, book_of(connection))
    assert set(people().values()) == expected
    assert TimelineEvent.objects.count() == len(events)
    assert sum(DailyCounter.objects.values_list("count", flat=True)) == len(events)


def test_a_month_that_two_builders_need_first_is_made_once(database):
    old = "2011-05-05T00:00:00.000000Z"
    shares = [[[event(anonymous_id=each, timestamp=old, client_time=old)]] for each in "abc"]
    work(database, shares)
    assert TimelineEvent.objects.count() == 3
