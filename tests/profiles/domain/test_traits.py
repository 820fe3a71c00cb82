from datetime import timedelta

from compliance.enums import Category
from profiles.domain.queries import trait_history, traits
from tests.profiles.builder.driver import START, event
from tests.profiles.people import ALL, MARKETER, person_of, reads


def test_traits_tell_where_each_came_from(builder):
    builder.send(
        event("identify", user_id="1", minutes=1, source_id=1, message_id="first", traits={"plan": "free", "city": "York"}),
        event("identify", user_id="1", minutes=2, source_id=2, message_id="second", traits={"plan": "gold"}),
    )  # fmt: skip
    found = {each.key: each for each in traits(ALL, person_of("user_id", "1").public_id)}
    plan = found["plan"]
    assert (plan.value, plan.source, plan.source_id, plan.message_id) == ("gold", "source 2", 2, "second")
    assert plan.at == START + timedelta(minutes=2)
    assert plan.category is Category.TRANSACTIONS
    assert found["city"].source == "source 1"


def test_the_history_of_a_trait_has_a_value_from_each_source(builder):
    builder.send(
        event("identify", user_id="1", minutes=1, source_id=1, traits={"plan": "free"}),
        event("identify", user_id="1", minutes=2, source_id=2, traits={"plan": "gold"}),
        event("identify", user_id="1", minutes=3, source_id=3, traits={"plan": None}),
    )
    found = trait_history(ALL, person_of("user_id", "1").public_id, "plan")
    assert [(each.value, each.source_id, each.is_masked) for each in found] == [
        (None, 3, False), ("gold", 2, False), ("free", 1, False),
    ]  # fmt: skip
    assert traits(ALL, person_of("user_id", "1").public_id) == []


def test_hidden_traits_have_no_value(jane):
    found = {each.key: each for each in traits(MARKETER, jane.public_id)}
    assert (found["email"].value, found["email"].is_masked) == (None, True)
    assert (found["plan"].value, found["plan"].is_masked) == ("gold", False)
    history = trait_history(MARKETER, jane.public_id, "email")
    assert [(each.value, each.is_masked) for each in history] == [(None, True)]
    assert reads() == [("marketer", "person.traits", 1), ("marketer", "person.trait_history", 1)]
