"""What happens without a browser: parcels, returns, calls to the service desk, feedback; and what goes wrong."""

import random
from collections.abc import Iterator

from cdp_site.demo.shop.calls import Call, Step, on_record
from cdp_site.demo.shop.catalogue import CURRENCY
from cdp_site.demo.shop.people import Person

TOPICS = ["delivery", "size advice", "return", "complaint", "order by phone", "gift wrapping"]
AGENTS = ["Bronwen", "Hamish", "Sadia", "Terry"]
HOUR = 3600.0


def settle_orders(person: Person, rng: random.Random) -> Iterator[Step]:
    """The warehouse sends what was ordered; some of it comes back."""
    for order in person.unsettled:
        shipped = {"order_id": order["order_id"], "carrier": rng.choice(["Royal Post", "Gull Express"])}
        yield Step(rng.uniform(5, 30) * HOUR, on_record(person, "Order Shipped", shipped, "warehouse"))
        if rng.random() < 0.14:
            returned = {
                "order_id": order["order_id"], "total": order["total"], "currency": CURRENCY,
                "reason": rng.choice(["too small", "too large", "not as pictured", "changed my mind"]),
            }  # fmt: skip
            yield Step(
                rng.uniform(60, 200) * HOUR, on_record(person, "Order Refunded", returned, "warehouse")
            )
        if rng.random() < 0.18:
            score = rng.choices(range(11), weights=[2, 1, 1, 1, 2, 3, 4, 9, 18, 22, 20])[0]
            yield Step(
                rng.uniform(20, 90) * HOUR, on_record(person, "Feedback Given", {"nps": score}, "survey")
            )
    person.unsettled.clear()


def phone_call(person: Person, rng: random.Random) -> Iterator[Step]:
    """A call to the service desk: by a known customer, or by somebody of whom only the number is shown."""
    topic, seconds = rng.choice(TOPICS), int(rng.lognormvariate(5.2, 0.7))
    notes = {"topic": topic, "duration_seconds": seconds, "agent": rng.choice(AGENTS)}
    if rng.random() < 0.6:
        notes["note"] = _note(person, topic, rng)
    if person.registered and rng.random() < 0.7:
        yield Step(0, on_record(person, "Call Answered", notes, "call centre"))
        return
    number = {"phone": person.phone} if person.phone else {}
    yield Step(
        0,
        Call(
            "track", anonymous_id=f"call-{rng.getrandbits(40):010x}", event="Call Answered", properties=notes,
            context={"channel": "call centre", "traits": number},
        ),
    )  # fmt: skip


def _note(person: Person, topic: str, rng: random.Random) -> str:
    """What the agent typed while they talked: addresses and numbers stand where people put them."""
    where = f"{person.house_number} High Street, {person.postal_code}"
    return rng.choice(
        [
            f"Question about {topic}. Account is under {person.email}, please confirm there.",
            f"Wants it sent to {where}, {person.town}.",
            f"{topic.capitalize()}: call back on {person.phone or 'the number shown'} after five.",
            f"Polite caller, {topic}, solved.",
        ]
    )


def mistake(person: Person, rng: random.Random) -> Iterator[Step]:
    """What a careless release sends now and then: the collector should say what is wrong with it."""
    wrong = [
        Call("track", user_id=person.user_id, event="   ", properties={"app_version": "4.2.0"}),
        Call("track", user_id=person.user_id, event="Banner Clicked " + "summer-sale/" * 20),
        Call("page", anonymous_id="undefined" * 40, event="Home"),
        Call("identify", user_id=person.user_id + "=" * 300, traits={"app_version": "4.2.0"}),
    ]
    yield Step(0, rng.choice(wrong))
