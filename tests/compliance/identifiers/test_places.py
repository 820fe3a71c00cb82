"""Where identifiers stand in an event."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.identifiers import Places

ADDRESS = "traits.postcode+traits.number+traits.country?"
PLACES: Places[str] = Places(
    [("user_id", "user"), ("traits.email", "email"), ("context.device.id", "device"), (ADDRESS, "address")]
)


def event(type_: str = "identify", **fields: Any) -> dict[str, Any]:
    return {"type": type_, "user_id": None, "traits": {}, "context": {}, **fields}


def test_values_are_read_as_text():
    found = PLACES.values(event(user_id=7, traits={"email": "x"}, context={"device": {"id": "d"}}))
    assert found == [("user", "7"), ("email", "x"), ("device", "d")]


def test_what_is_no_single_value_identifies_nobody():
    for value in (None, True, 1.5, ["x"], {"x": 1}):
        assert PLACES.values(event(user_id=value, traits={"email": value}, context={"device": value})) == []


def test_parts_make_one_value_and_only_the_last_may_be_missing():
    def values(**traits: Any) -> list[tuple[str, str]]:
        return PLACES.values(event(traits=traits))

    assert values(postcode="1234 AB", number=12, country="NL") == [("address", "1234 AB\t12\tNL")]
    assert values(postcode="12\t34", number="1\t2") == [("address", "12 34\t1 2\t")]
    assert values(postcode="1234 AB") == values(number=12) == values(postcode="1234 AB", number="") == []


def test_the_traits_of_a_group_are_not_the_persons():
    assert PLACES.values(event("group", user_id="u", traits={"email": "x"})) == [("user", "u")]


def test_an_unwanted_value_is_taken_out_and_nothing_else():
    before = event(user_id="u", traits={"email": "x", "postcode": "p", "number": 1, "plan": "gold"})
    after = PLACES.without(before, lambda tag, _value: tag == "address")
    assert after["traits"] == {"email": "x", "postcode": None, "number": None, "plan": "gold"}
    assert before["traits"]["postcode"] == "p"
    assert PLACES.without(before, lambda tag, value: (tag, value) == ("user", "v")) == before


def test_what_cannot_be_looked_through_is_told():
    assert PLACES.is_opaque(event(traits="email=x"))
    assert PLACES.is_opaque(event(traits={"email": ["x"]}))
    assert PLACES.is_opaque(event(context={"device": "d"}))
    assert not PLACES.is_opaque(event(traits=None, context={"device": ""}, user_id=7))


VALUE = (
    st.sampled_from([None, "", "x", "y", 7, True, 1.5])
    | st.lists(st.just("x"))
    | st.dictionaries(st.just("id"), st.just("d"))
)
EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from(["identify", "group"]),
        user_id=VALUE,
        traits=VALUE | st.fixed_dictionaries({}, optional={"email": VALUE, "postcode": VALUE, "number": VALUE}),
        context=VALUE | st.fixed_dictionaries({}, optional={"device": VALUE, "email": VALUE}),
    )
)  # fmt: skip
WITHOUT_JOINED = PLACES.of(["user", "email", "device"])


@pytest.mark.parametrize("places", [PLACES, WITHOUT_JOINED], ids=["joined", "single"])
@given(events=EVENTS)
def test_of_many_events_the_same_is_found_as_of_each(places: Places[str], events: list[dict[str, Any]]):
    found = {(tag, text) for tag, texts in places.named_in(events).items() for text in texts}
    assert found == {each for one in events for each in places.values(one)}
