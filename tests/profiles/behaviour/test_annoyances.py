"""What annoyed, told from the facts of a visit."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profiles.behaviour.annoyances import Annoyance, Annoyed, annoyances
from profiles.behaviour.facts import Fact
from profiles.behaviour.kinds import Kind
from tests.profiles.behaviour.given import SECOND, fact


def clicks(*seconds: float, element: str = "Pay", **said: Any) -> list[Fact]:
    return [fact(each, Kind.CLICK, element, **said) for each in seconds]


def found(*facts: Fact) -> list[tuple[Annoyed, str, int]]:
    return [(each.kind, each.what, each.times) for each in annoyances(sorted(facts))]


def test_three_clicks_soon_after_each_other_on_one_element_are_rage():
    assert found(*clicks(0, 0.4, 1.3), fact(2)) == [(Annoyed.RAGE_CLICKS, "Pay", 3)]
    assert annoyances(clicks(5, 5.5, 6))[0] == Annoyance(
        5 * SECOND, Annoyed.RAGE_CLICKS, "Pay", "", 3, SECOND
    )


def test_two_clicks_slow_ones_and_those_on_several_elements_are_not():
    assert found(*clicks(0, 0.5), fact(1)) == []
    assert found(*clicks(0, 1.2, 2.4), fact(3)) == []
    assert found(*clicks(0, 0.5), *clicks(0.7, element="Back"), fact(1)) == []
    assert found(*clicks(0, 0.1, page="/a"), *clicks(0.2, page="/b"), fact(1)) == []
    assert found(*clicks(0, 0.1, 0.2, element=""), fact(1)) == []


def test_other_clicks_between_them_do_not_hide_rage():
    assert found(*clicks(0, 0.5, 1), *clicks(0.7, element="Help"), fact(2)) == [
        (Annoyed.RAGE_CLICKS, "Pay", 3)
    ]


def test_each_run_of_rage_is_told():
    assert found(*clicks(0, 0.1, 0.2), fact(1), *clicks(9, 9.1, 9.2, 9.3), fact(10)) == [
        (Annoyed.RAGE_CLICKS, "Pay", 3),
        (Annoyed.RAGE_CLICKS, "Pay", 4),
    ]


def test_rage_that_an_sdk_reports_is_told_once():
    reported = fact(0.4, Kind.RAGE_CLICK, "Pay", number=5)
    assert found(reported) == [(Annoyed.RAGE_CLICKS, "Pay", 5)]
    assert found(reported, *clicks(0, 0.2, 0.4), fact(1)) == [(Annoyed.RAGE_CLICKS, "Pay", 3)]
    assert found(fact(0, Kind.RAGE_CLICK, "Pay")) == [(Annoyed.RAGE_CLICKS, "Pay", 3)]


def test_a_click_without_an_answer_is_dead():
    assert found(*clicks(0), fact(8)) == [(Annoyed.DEAD_CLICKS, "Pay", 1)]
    assert found(*clicks(0), fact(7)) == []
    assert found(*clicks(0), fact(3, Kind.HOVER), fact(8)) == [(Annoyed.DEAD_CLICKS, "Pay", 1)]
    assert found(*clicks(0, 4), fact(20)) == [(Annoyed.DEAD_CLICKS, "Pay", 2)]
    assert found(*clicks(0), *clicks(4, element="Back"), fact(5)) == []


def test_a_click_that_ends_a_visit_is_not_dead():
    assert found(*clicks(0)) == []
    assert found(*clicks(0, 3)) == []


def test_a_click_of_which_it_is_said_is_dead():
    assert found(fact(0, Kind.DEAD_CLICK, "Pay"), fact(1)) == [(Annoyed.DEAD_CLICKS, "Pay", 1)]


def test_the_same_error_three_times_is_an_annoyance():
    errors = [fact(each, Kind.ERROR, "card_declined") for each in (0, 40, 80)]
    assert found(*errors) == [(Annoyed.REPEATED_ERRORS, "card_declined", 3)]
    assert found(*errors[:2], fact(90, Kind.ERROR, "timeout")) == []


def test_every_complaint_is_one():
    assert found(fact(0, Kind.COMPLAINT, "delivery"), fact(9, Kind.COMPLAINT)) == [
        (Annoyed.COMPLAINT, "delivery", 1),
        (Annoyed.COMPLAINT, "", 1),
    ]


_DRAWN = st.builds(
    fact,
    st.integers(0, 40),
    st.sampled_from([Kind.OTHER, Kind.CLICK, Kind.HOVER]),
    st.sampled_from(["", "a", "b"]),
)


@given(st.lists(_DRAWN, min_size=1, max_size=12))
def test_dead_clicks_are_those_of_the_definition(drawn):
    facts = sorted(set(drawn))
    expected = 0
    for place, click in enumerate(facts):
        answers = [
            later
            for later in facts[place + 1 :]
            if later.kind is not Kind.HOVER
            and (later.kind is not Kind.CLICK or later.element != click.element)
        ]
        is_click = click.kind is Kind.CLICK and answers
        expected += bool(is_click and answers[0].time - click.time > 7 * SECOND)
    dead = [each.times for each in annoyances(facts) if each.kind is Annoyed.DEAD_CLICKS]
    assert sum(dead) == expected
