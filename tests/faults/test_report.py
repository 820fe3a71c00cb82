"""The report shows each run as it went, without anything of the machine it ran on."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.faults.matrix import MATRIX
from tests.faults.record import DIRECTORY, Interval, Record, Sample, read_records
from tests.faults.report import render, slug, write_report
from tests.faults.timeline import timeline

HELD = Record(
    row=1, name="test_brokers_are_killed_five_times[kafka]", place="Kafka", held=True, acknowledged=1200, stored=1195,
    suppressed=5, profiles_equal=True, gap=4.2, recovery=7.5, seconds=60.0,
    samples=(Sample(0.5, 10, 0), Sample(1.0, 20, None), Sample(1.5, 60, 60)),
    intervals=(Interval("broker <1> killed", 0.7, 1.2),),
)  # fmt: skip
FAILED = replace(
    HELD, row=7, name="test_a_consumer_is_killed[step=kill@2-kafka]", held=False, lost=3, intervals=()
)


def test_a_run_that_held_and_one_that_did_not():
    page = render([HELD, FAILED], folder="faults")
    assert "**1 of 2 runs held.**" in page
    row = next(line for line in page.splitlines() if line.startswith("| 1 |"))
    assert row.split(" | ")[1:6] == [MATRIX[1].fault, "Kafka", "1", "1,200", "0"]
    assert row.endswith("| 7.5 s | yes |")
    assert "**no** (0 of 1)" in page
    assert "**A consumer is killed (step=kill@2)** on Kafka: **did not hold**." in page


@pytest.mark.parametrize(("equal", "shown"), [(True, "yes"), (False, "no"), (None, "not compared")])
def test_profiles_are_equal_only_where_they_were_compared(equal, shown):
    page = render([HELD, replace(HELD, profiles_equal=equal)], folder="faults")
    assert next(line for line in page.splitlines() if line.startswith("| 1 |")).split(" | ")[8] == shown


def test_rows_without_a_run_are_named():
    assert "row 24" in render([HELD], folder="faults")


def test_a_timeline_is_a_picture_with_the_fault_in_it():
    root = ET.fromstring(timeline(HELD))
    texts = [each.text for each in root.iter() if each.text and each.text.strip()]
    assert {"broker <1> killed", "acknowledged/s", "not applied yet"} <= set(texts)


def test_a_run_without_samples_has_a_picture_too():
    ET.fromstring(timeline(replace(HELD, samples=(), intervals=())))


def test_records_come_back_as_they_were_left(tmp_path, monkeypatch):
    monkeypatch.setenv(DIRECTORY, str(tmp_path))
    FAILED.write()
    HELD.write()
    assert read_records(tmp_path) == [HELD, FAILED]


def test_a_report_replaces_the_one_before(tmp_path):
    pictures = tmp_path / "faults"
    for runs in ([HELD, FAILED], [HELD]):
        write_report(runs, page=tmp_path / "faults.md", pictures=pictures)
    assert [path.name for path in pictures.iterdir()] == [f"{slug(HELD)}.svg"]
    assert f"faults/{slug(HELD)}.svg" in (tmp_path / "faults.md").read_text()
