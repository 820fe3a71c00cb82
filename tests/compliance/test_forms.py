"""The forms of categories: one for each, of several roles the most open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.enums import Category
from compliance.forms import ALL_CLEAR, Form, Forms, most_open

some = st.frozensets(st.sampled_from(Category))
forms = st.builds(Forms, some, some, some)


@pytest.mark.parametrize(
    ("given_as", "form"),
    [
        (Forms(), Form.MASKED),
        (Forms(clear=frozenset({Category.CONTACT})), Form.CLEAR),
        (Forms(clear=frozenset({Category.CONTACT}), hashed=frozenset({Category.CONTACT})), Form.HASHED),
        (Forms(clear=frozenset({Category.CONTACT}), hidden=frozenset({Category.CONTACT})), Form.HIDDEN),
    ],
)
def test_what_is_named_twice_has_the_most_closed_form(given_as, form):
    assert given_as.of(Category.CONTACT) is form


@given(st.lists(forms, min_size=1, max_size=4))
def test_several_roles_show_what_the_most_open_of_them_does(several):
    together = most_open(several)
    for category in Category:
        assert together.of(category) is max(
            (each.of(category) for each in several), key=lambda form: form.openness
        )


@given(forms, forms)
def test_one_covers_another_when_nothing_is_more_open_there(one, other):
    assert one.covers(other) is (not one.beyond(other))
    assert most_open([one, other]).covers(one)
    assert ALL_CLEAR.covers(one)


def test_who_has_no_role_sees_everything_masked():
    assert {most_open([]).of(category) for category in Category} == {Form.MASKED}
