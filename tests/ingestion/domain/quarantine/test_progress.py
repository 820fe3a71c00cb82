"""How far a job that sends events out of quarantine says it has come."""

from datetime import UTC, datetime, timedelta

import pytest

from ingestion.domain.quarantine.progress import progress_of
from ingestion.models import Resend

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def job(**fields: object) -> Resend:
    known = {"asked": 100, "sent": 10, "kept": 5, "suppressed": 5, "state": "running"}
    return Resend(**{**known, "started_at": NOW - timedelta(seconds=4), **fields})


def test_a_running_one_tells_its_rate_and_the_time_left():
    found = progress_of(job(), now=NOW)
    assert (found.done, found.fraction, found.per_second, found.remaining_seconds) == (20, 0.2, 5.0, 16.0)


@pytest.mark.parametrize(
    "fields", [{"state": "queued", "started_at": None}, {"sent": 0, "kept": 0, "suppressed": 0}]
)
def test_one_that_did_nothing_yet_says_no_time(fields):
    assert progress_of(job(**fields), now=NOW).remaining_seconds is None


def test_what_has_ended_has_the_rate_of_its_run_and_nothing_left():
    found = progress_of(
        job(state="done", sent=90, started_at=NOW - timedelta(hours=1), ended_at=NOW - timedelta(minutes=59, seconds=40)),
        now=NOW,
    )  # fmt: skip
    assert (found.fraction, found.per_second, found.remaining_seconds) == (1.0, 5.0, None)


def test_a_job_of_nothing_is_all_done():
    assert progress_of(job(asked=0, sent=0, kept=0, suppressed=0), now=NOW).fraction == 1.0
