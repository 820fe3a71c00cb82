"""The geometry of charts."""

from datetime import UTC, datetime, timedelta

import pytest

from cdp_site.charts import HEIGHT, MAX_SERIES, REST, WIDTH, line_of, nice_ceiling, stacked

START = datetime(2026, 3, 4, tzinfo=UTC)
STEP = timedelta(minutes=15)


def test_bars_stand_on_each_other_and_stay_within_the_chart():
    chart = stacked([("a", [10, 0]), ("b", [30, 5])], start=START, step=STEP)
    first = [bar for bar in chart.bars if bar.x < WIDTH / 2]
    assert [bar.series for bar in first] == [1, 2]
    below, above = first
    assert above.y + above.height == pytest.approx(below.y)
    assert below.y + below.height == pytest.approx(HEIGHT)
    assert all(bar.y >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert below.height * 3 == pytest.approx(above.height, abs=0.1)
    assert chart.total == 45


def test_each_bar_says_when_and_what():
    chart = stacked([("Web shop", [1200, 0]), ("Till", [0, 0])], start=START, step=STEP)
    assert [(bucket.at, bucket.lines) for bucket in chart.buckets] == [
        (START, "Web shop\t1,200"), (START + STEP, "Nothing arrived\t"),
    ]  # fmt: skip


def test_series_beyond_the_sixth_become_one():
    chart = stacked([(f"s{number}", [number]) for number in range(10)], start=START, step=STEP)
    assert len(chart.legend) == MAX_SERIES
    assert chart.legend[-1] == (REST, MAX_SERIES)
    assert chart.total == sum(range(10))


def test_nothing_is_a_chart_too():
    assert stacked([], start=START, step=STEP).bars == []
    assert stacked([("a", [0, 0])], start=START, step=STEP).bars == []
    assert line_of([]) == ("", "")


@pytest.mark.parametrize(
    ("value", "ceiling"), [(0, 4), (1, 4), (4, 4), (5, 6), (11, 20), (99, 100), (101, 200), (83_000, 100_000)]
)
def test_axes_end_at_numbers_that_read_well(value, ceiling):
    assert nice_ceiling(value) == ceiling


def test_a_line_reaches_from_side_to_side_even_with_one_value():
    line, area = line_of([3])
    assert [point.partition(",")[0] for point in line.split()] == ["0.0", "100.0"]
    assert area.startswith("0,")
    points = [tuple(map(float, point.split(","))) for point in line_of([0, 5, 10])[0].split()]
    assert [x for x, _ in points] == [0, 50, 100]
    assert points[0][1] > points[1][1] > points[2][1]
