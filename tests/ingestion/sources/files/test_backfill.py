"""Old files of a stream are read again: those of a range of times, also those that were moved away, and no row counts twice."""

from datetime import UTC, datetime

import pytest

from ingestion.enums import RunState
from ingestion.models import ConnectionRun, Stream
from ingestion.sources.files.patterns import Pattern
from ingestion.sources.progress import progress_of
from ingestion.sources.running import run_connection
from ingestion.sources.runs import RunConflict, cancel_run, start_backfill
from streaming.event_log import event_log
from tests.ingestion.sources.conftest import BY, NOW
from tests.ingestion.sources.files.conftest import table
from tests.ingestion.sources.files.test_runs import Watched, watched  # noqa: F401 -- a fixture


def backfill(watched: Watched, begin: str = "", end: str = "", **more: int) -> ConnectionRun:  # noqa: F811
    return start_backfill(stream=Stream.objects.get(), begin=begin, end=end, by=BY, now=NOW, **more)


@pytest.mark.parametrize("after", ["leave", "move"])
def test_files_are_read_again_wherever_they_are_by_now_and_count_once(watched, after):  # noqa: F811
    for number in range(3):
        watched.put(f"orders/{number}.csv", table(number * 10, number * 10 + 9))
    stream = watched.stream("orders/*.csv", after=after)
    assert watched.run(stream).accepted == 30
    users, state = watched.users(), Stream.objects.get().state
    watched.put("orders/9.csv", table(90, 99))
    run = watched.go(backfill(watched))
    assert (run.state, run.read, run.rejected) == (RunState.DONE, 40, 0)
    assert watched.users() == [*users, *range(90, 100)]
    assert Stream.objects.get().state == state, "what is new is still for the next run"
    assert len(list((watched.folder / "orders").rglob("*.csv"))) == 4
    assert watched.run(stream).read == 10
    assert watched.users() == [*users, *range(90, 100)]


def test_only_the_files_of_the_range_are_read(watched):  # noqa: F811
    for day in (1, 2, 3):
        watched.put(f"orders/{day}.csv", table(day, day), at=f"2026-03-0{day}T12:00:00+00:00")
    watched.run(watched.stream("orders/*.csv"))
    assert watched.go(backfill(watched, "2026-03-02", "2026-03-03")).read == 1
    assert watched.go(backfill(watched, end="2026-03-02 12:00")).read == 1
    assert watched.go(backfill(watched, "2026-03-02 12:00")).read == 2
    nothing = watched.go(backfill(watched, "2026-04-01"))
    assert nothing.notes == ["Nothing was read: no file that matches was changed within this time"]
    for begin, end, why in (("soon", "", "is no time"), ("2026-03-02", "2026-03-02", "the end lies before")):
        with pytest.raises(RunConflict, match=why):
            backfill(watched, begin, end)


def test_it_goes_at_the_rate_shows_how_far_it_is_and_is_cancelled(watched):  # noqa: F811
    watched.put("orders/a.csv", table(1000, 3999))
    watched.put(
        "orders/b.jsonl", "".join(f'{{"id": {n}, "email": "c{n}@example.com"}}\n' for n in range(4000, 5000))
    )
    stream = watched.stream("orders/*")
    watched.run(stream)
    run = backfill(watched, rows_per_second=700)
    seen = []

    def watch() -> bool:
        run.refresh_from_db()
        if run.read and not run.has_ended:
            seen.append((run.read, progress_of(run)))
            cancel_run(run=run, by=BY, now=NOW)
        return False

    run_connection(run.pk, log=event_log(), clock=lambda: datetime.now(UTC), stopping=watch)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert 0 < run.read <= 2100
    assert run.expected is not None
    assert run.expected == pytest.approx(4000, rel=0.2)
    [(read, progress)] = seen
    assert progress.fraction == pytest.approx(read / run.expected)
    assert 0 < progress.rows_per_second < 1400
    assert watched.go(backfill(watched)).read == 4000, "another one begins anew"


@pytest.mark.parametrize(
    ("pattern", "name", "is_meant"),
    [
        ("orders/*.csv", "orders/done/a.1234abcd.csv", True),
        ("orders/*.csv", "orders/done/a.1234abcd-12cdef.csv", True),
        ("orders/*.csv.gz", "orders/done/a.1234abcd.csv.gz", True),
        ("*", "done/plain.1234abcd", True),
        ("**", "a/b/done/c.1234abcd.csv", True),
        ("orders/*.csv", "orders/done/a.1234abcd.json", False),
        ("orders/*.csv", "orders/failed/a.1234abcd.csv", False),
        ("orders/*.csv", "orders/a.1234abcd.csv", False),
        ("orders/*.csv", "orders/done/a.csv", False),
        ("**", "plain", False),
    ],
)
def test_moved_files_are_told_by_what_they_were_called(pattern, name, is_meant):
    moved = Pattern(pattern).moved
    assert moved.matches(name) is is_meant
    assert not is_meant or moved.enters(name.rpartition("/")[0])
    assert not moved.enters("other/done/deeper/done")
