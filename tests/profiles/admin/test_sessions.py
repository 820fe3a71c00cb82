import pytest
from django.urls import reverse

from tests.profiles.people import person_of
from tests.profiles.sessions.driver import Pipeline, end, page


@pytest.fixture
def where(fresh_database) -> str:
    pipeline = Pipeline(fresh_database)
    pipeline.send(page(0, "/a"), end(6), page(60, "/<b>"))
    pipeline.stop()
    return reverse("admin:person_panel", args=[person_of("anonymous_id", "a1").public_id, "visits"])


def test_an_analyst_sees_the_visits_of_a_person_on_their_page(where, signed_in):
    text = signed_in("administrator").get(where).content.decode()
    assert 'aria-current="page">Visits</a>' in text
    assert "by explicit end" in text
    assert "/&lt;b&gt;" in text
    assert "Open" in text


def test_a_tab_that_nobody_brought_does_not_exist(where, signed_in):
    assert signed_in("administrator").get(where.replace("visits", "shoes")).status_code == 404


def test_without_visits_the_page_says_what_makes_them(signed_in, jane):
    where = reverse("admin:person_panel", args=[jane.public_id, "visits"])
    assert "No visits yet" in signed_in("administrator").get(where).content.decode()
