"""People whose identity depended on which event came first."""

import itertools

from tests.profiles.builder.driver import event
from tests.profiles.builder.picture import clear, picture


def test_posthog_6834_6877_37000_the_order_of_arrival_decides_nothing(builder):
    # A device before and after sign-in, an alias that overtakes what it names, and a second user on the device.
    history = [
        event(anonymous_id="a", minutes=0),
        event("identify", anonymous_id="a", user_id="ann", minutes=1, traits={"plan": "free"}),
        event("alias", user_id="ann", previous_id="b", minutes=2),
        event("identify", anonymous_id="b", user_id="bob", minutes=3, traits={"plan": "gold"}),
    ]
    pictures = []
    for order in itertools.permutations(history):
        clear(builder.connection)
        for each in order:
            builder.send(each)
        pictures.append(picture())
    assert all(each == pictures[0] for each in pictures)
    assert set(pictures[0]["people"]) == {  # type: ignore[call-overload]
        frozenset({("anonymous_id", "a"), ("anonymous_id", "b"), ("user_id", "ann")}),
        frozenset({("user_id", "bob")}),
    }
