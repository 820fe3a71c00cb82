"""The shop goes on: visits one after another and beside each other, at the pace of a few events per second."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count

from cdp_site.demo.shop.after_sales import mistake, phone_call, settle_orders
from cdp_site.demo.shop.calls import Call, Step
from cdp_site.demo.shop.people import Person, make_people
from cdp_site.demo.shop.social import chatter
from cdp_site.demo.shop.visits import visit

EVENTS_PER_SECOND = 3.0
EVENTS_PER_VISIT = 11.0
HURRY = 6.0
"""How much faster than people the simulated ones click, so that a visit can be watched from beginning to end."""
NEWCOMERS = 0.2


@dataclass(order=True, slots=True)
class _Going:
    due: float
    order: int
    step: Step = field(compare=False)
    rest: Iterator[Step] = field(compare=False)


class LiveTraffic:
    """Gives the calls that are due. Time is in seconds since the start, and given from outside."""

    def __init__(self, people: list[Person], seed: str) -> None:
        self._people, self._seed = list(people), seed
        self._rng = random.Random(seed)
        self._going: list[_Going] = []
        self._order = count()
        self._next_visit_at = 0.0

    def due(self, elapsed: float) -> list[Call]:
        """The calls that happen up to now."""
        while self._next_visit_at <= elapsed:
            self._begin(self._next_visit_at)
            self._next_visit_at += self._rng.expovariate(EVENTS_PER_SECOND / EVENTS_PER_VISIT)
        calls = []
        while self._going and self._going[0].due <= elapsed:
            going = heapq.heappop(self._going)
            calls.append(going.step.call)
            self._push(going.due, going.rest)
        return calls

    def _begin(self, at: float) -> None:
        person, rng = self._somebody(), self._rng
        kind = rng.random()
        if kind < 0.94:
            visited = visit(person, rng.choice(person.devices), rng)
            talk = chatter(person, rng) if person.registered and rng.random() < 0.06 else iter(())
            self._push(at, chain(visited, settle_orders(person, rng), talk))
        else:
            self._push(at, phone_call(person, rng) if kind < 0.985 else mistake(person, rng))

    def _push(self, at: float, steps: Iterator[Step]) -> None:
        step = next(steps, None)
        if step is not None:
            heapq.heappush(self._going, _Going(at + step.after / HURRY, next(self._order), step, steps))

    def _somebody(self) -> Person:
        if self._rng.random() < NEWCOMERS:
            number = len(self._people)
            self._people += make_people(self._rng, 1, prefix=f"{self._seed}-{number}-")
            return self._people[-1]
        return self._rng.choices(self._people, weights=[person.keenness for person in self._people])[0]
