"""Numbers and times as people say them."""

from datetime import timedelta

import pytest

from cdp_site.words import duration, grouped, relative, share_in_words, short_number


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"), (4.9, "just now"), (5, "5 seconds ago"), (60, "1 minute ago"), (3599, "59 minutes ago"),
        (7200, "2 hours ago"), (86400, "1 day ago"), (86400 * 70, "2 months ago"), (86400 * 800, "2 years ago"),
        (-90, "in 1 minute"),
    ],
)  # fmt: skip
def test_relative(seconds, said):
    assert relative(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(None, "—"), (0, "0"), (1234567, "1,234,567"), (1.83, "1.8"), (2.0, "2"), (1234.5, "1,234")],
)
def test_grouped(number, said):
    assert grouped(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(None, "—"), (0, "0"), (999, "999"), (1000, "1K"), (1250, "1.2K"), (34_400_000, "34M"), (2e9, "2B")],
)
def test_short_number(number, said):
    assert short_number(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "—"), (0.025, "25 ms"), (1.84, "1.8 s"), (45, "45 s"), (180, "3 min"), (timedelta(hours=5), "5 h"),
        (86400 * 3, "3 days"),
    ],
)  # fmt: skip
def test_duration(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("fraction", "said"),
    [
        (None, "—"),
        (0, "0 %"),
        (1, "100 %"),
        (0.0004, "< 0.1 %"),
        (0.0512, "5.1 %"),
        (0.423, "42 %"),
        (0.998, "99.8 %"),
    ],
)
def test_share(fraction, said):
    assert share_in_words(fraction) == said
