"""The lines and comparisons of the number of people."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp_site.home.growth import KEPT, growth, note_people
from cdp_site.models import PeopleTally
from profiles.domain.queries import PeopleCount
from tests.compliance.notices.conftest import make_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, 20, tzinfo=UTC)


def tally(hours_ago, total, identified):
    hour = NOW.replace(minute=0) - timedelta(hours=hours_ago)
    PeopleTally.objects.create(hour=hour, total=total, identified=identified)


def test_without_a_past_there_is_a_line_of_now_alone():
    found = growth(PeopleCount(10, 4, is_exact=True), now=NOW)
    assert (found.totals, found.shares, found.yesterday) == ([10], [0.4], None)
    assert found.people_words(PeopleCount(10, 4, is_exact=True)) == "4 identified"
    assert found.identified_words() == "of all people"


@pytest.mark.parametrize(
    ("total", "words"),
    [(1300, "100 more than yesterday"), (1100, "100 fewer than yesterday"), (1200, "as many as yesterday")],
)
def test_a_day_ago_is_compared(total, words):
    tally(40, 1, 1)
    tally(24, 1200, 600)
    tally(12, 1250, 700)
    tally(1, 1260, 720)
    now = PeopleCount(total, 720, is_exact=True)
    found = growth(now, now=NOW)
    assert found.totals == [1250, 1260, total]
    assert found.people_words(now) == words
    assert found.identified_words() == "50 % yesterday"


def test_an_hour_is_noted_once_and_forgotten_after_a_month():
    tally(24 * (KEPT.days + 1), 5, 5)
    for minute in range(3):
        note_people(now=NOW + timedelta(minutes=minute))
    (row,) = PeopleTally.objects.all()
    assert (row.hour, row.total) == (NOW.replace(minute=0), 0)


def test_home_shows_four_figures_each_with_a_line(client):
    now = datetime.now(UTC)
    for hours in (25, 24, 3, 2, 1):
        hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
        PeopleTally.objects.create(hour=hour, total=100 * hours, identified=40)
    client.force_login(make_staff("mia", "marketer"))
    page = client.get("/admin/").content.decode()
    assert page.count('class="hw-figure') >= 4
    assert "fewer than yesterday" in page
    assert page.count('class="hw-spark"') >= 2  # nothing arrived: no line of events, none of their speed
