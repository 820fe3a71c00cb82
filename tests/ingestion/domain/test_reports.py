"""What collectors tell once a second: all of it or nothing, added up over processes."""

from datetime import timedelta

import pytest
from django.db import DataError

from ingestion.domain.counters import CountKey
from ingestion.domain.reports import ProcessState, Sample, forget_live_events, store_report
from ingestion.models import CollectorProcess, EventName, LiveEvent, SourceMinute
from tests.ingestion.domain.conftest import NOW

pytestmark = pytest.mark.django_db


def state(name="host-1", **fields):
    return ProcessState(
        **{
            "name": name, "host": "host", "pid": 1, "started_at": NOW, "spooled_records": 0, "spooled_bytes": 0,
            "oldest_spooled_at": None, "trouble": "", **fields,
        }
    )  # fmt: skip


def sample(source, at=NOW, **fields):
    return Sample(at, source.pk, "track", "E", "accepted", "", "m1", b'{"a":1}')._replace(**fields)


def report(source, *, now=NOW, **fields):
    store_report(
        **{
            "counts": {CountKey(source.pk, NOW, "track", "E", "accepted"): 3}, "names": [(source.pk, "track", "E")],
            "samples": [sample(source)], "state": state(), "now": now, **fields,
        }
    )  # fmt: skip


def test_counts_of_all_processes_add_up(source):
    for name in ("host-1", "host-2", "host-1"):
        report(source, state=state(name))
    assert SourceMinute.objects.get().events == 9
    assert EventName.objects.get().topic is None
    assert LiveEvent.objects.count() == 3
    assert CollectorProcess.objects.count() == 2


def test_a_report_that_cannot_be_stored_leaves_nothing_to_be_counted_twice(source):
    with pytest.raises(DataError):
        report(source, samples=[sample(source, name="n" * 201)])
    assert not SourceMinute.objects.exists()
    assert not CollectorProcess.objects.exists()


def test_a_sample_that_is_not_text_is_shown_as_well_as_can_be(source):
    report(source, samples=[sample(source, raw=b"\xff{}")])
    assert LiveEvent.objects.get().raw == "\ufffd{}"


def test_old_samples_and_dead_processes_are_forgotten_unless_they_hold_events(source):
    report(source, samples=[sample(source), sample(source, at=NOW - timedelta(minutes=16))])
    for name, spooled in (("dead", 0), ("dead with a spool", 5)):
        report(source, samples=[], state=state(name, spooled_records=spooled), now=NOW - timedelta(days=2))
    forget_live_events(now=NOW)
    assert LiveEvent.objects.get().at == NOW
    assert set(CollectorProcess.objects.values_list("name", flat=True)) == {"host-1", "dead with a spool"}
