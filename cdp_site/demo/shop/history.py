"""The last thirty days of the shop, the same for the same moment of opening, event by event."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cdp_site.demo.shop.after_sales import mistake, phone_call, settle_orders
from cdp_site.demo.shop.calls import Call, Step
from cdp_site.demo.shop.people import Person, make_people
from cdp_site.demo.shop.social import chatter
from cdp_site.demo.shop.visits import visit

SEED = 19970101
PEOPLE = 400
DAYS = 30
VISITS = 1900
HOURS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 12, 13, 11, 10, 9, 9, 10, 12, 15, 17, 16, 11, 5]


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in order of time, and the people as they are at the end."""

    calls: list[Call]
    people: list[Person]


def make_history(until: datetime, *, seed: int = SEED) -> History:
    """The thirty days before `until`. Message ids and times are the same each time, so sending twice adds nothing."""
    rng = random.Random(seed)
    people = make_people(rng, PEOPLE)
    since = until - timedelta(days=DAYS)
    timed: list[tuple[datetime, Call]] = []
    for at, person in _appointments(people, since, until, rng):
        timed += _on_the_clock(at, visit(person, rng.choice(person.devices), rng))
        timed += _on_the_clock(at, settle_orders(person, rng))
        if rng.random() < 0.04:
            timed += _on_the_clock(at + timedelta(hours=rng.uniform(1, 40)), phone_call(person, rng))
        if person.registered and rng.random() < 0.06:
            timed += _on_the_clock(at + timedelta(minutes=rng.uniform(5, 90)), chatter(person, rng))
        if rng.random() < 0.02:
            timed += _on_the_clock(at, mistake(person, rng))
    past = sorted((entry for entry in timed if entry[0] < until), key=lambda entry: entry[0])
    return History(
        [call.at_time(at, f"harbour-{seed}-{number:06d}") for number, (at, call) in enumerate(past)], people
    )


def _appointments(
    people: list[Person], since: datetime, until: datetime, rng: random.Random
) -> list[tuple[datetime, Person]]:
    """Who comes when, in order of time: the keen more often, evenings more than nights."""
    chosen = rng.choices(people, weights=[person.keenness for person in people], k=VISITS)
    moments = []
    for person in chosen:
        day = (since + timedelta(days=rng.randrange(DAYS + 1))).replace(minute=0, second=0, microsecond=0)
        at = day.replace(hour=rng.choices(range(24), weights=HOURS)[0]) + timedelta(
            seconds=rng.uniform(0, 3600)
        )
        if since <= at < until:
            moments.append((at, person))
    return sorted(moments, key=lambda moment: moment[0])


def _on_the_clock(at: datetime, steps: Iterable[Step]) -> list[tuple[datetime, Call]]:
    timed = []
    for step in steps:
        at += timedelta(seconds=step.after)
        timed.append((at, step.call))
    return timed
