from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from compliance import suppression
from compliance.models import Notice, User
from ingestion.domain.sources import source_named
from ingestion.enums import ImportState
from ingestion.imports import lease
from ingestion.imports.columns import Column, Mapping, ValueKind
from ingestion.imports.holding import why_held
from ingestion.imports.jobs import ImportConflict, cancel_import, pause_import, resume_import, start_import
from ingestion.imports.ledger import Ledger, known_imports, runs
from ingestion.imports.progress import progress_of
from ingestion.imports.row_errors import errors_as_csv
from ingestion.imports.running import Outcome, run_import
from ingestion.models import EventName, FileImport, ImportGap, SourceMinute
from streaming.contracts.log import LogUnavailable
from tests.ingestion.imports.conftest import BY, NOW, catch_up, fall_behind

PEOPLE = "user_id,email,age\n1,anna@example.com,30\n2,ben@example.com,x\n3,cleo@example.com,41\n"


AGE_IS_A_NUMBER = Mapping(
    event_type="identify",
    columns=(Column("user_id", "user_id"), Column("age", "traits.age", ValueKind.NUMBER)),
)


def message_ids(imports):
    return sorted(event["message_id"] for event in imports.events())


def test_a_csv_file_becomes_events(imports, make_file):
    done = imports.run(make_file("user_id,email,age\n1,anna@example.com,30\n"))
    assert (done.state, done.row, done.accepted, done.rejected) == (ImportState.DONE, 1, 1, 0)
    [event] = imports.events()
    assert event["type"] == "identify"
    assert event["user_id"] == "1"
    assert event["traits"] == {"email": "anna@example.com", "age": 30}
    assert event["source_id"] == imports.source.pk
    assert event["import_id"] == done.pk
    assert event["message_id"] == f"{done.file_hash[:32]}-1"
    assert event["received_at"] == "2026-11-24T12:00:00.000000Z"


def test_segment_calls_need_no_mapping(imports, make_file):
    done = imports.run(
        make_file(
            '{"type":"track","event":"Order Completed","userId":"1","timestamp":"2020-01-01T00:00:00Z","messageId":"m"}\n'
            '{"type":"track","userId":"2"}\n{"type":"identify","anonymousId":"a"}\n',
            "calls.jsonl",
        )
    )
    assert (done.accepted, done.rejected) == (2, 1)
    assert {event["message_id"] for event in imports.events()} == {"m", f"{done.file_hash[:32]}-3"}
    assert [error.reason for error in done.row_errors.all()] == [
        "a track needs the name of what happened in `event`"
    ]
    track = next(event for event in imports.events() if event["type"] == "track")
    assert track["timestamp"] == "2020-01-01T00:00:00.000000Z"


def test_rows_go_to_the_topic_of_their_event(imports, make_file):
    imports.run(make_file("user_id,event\n1,Order Completed\n2,Order Completed\n"))
    assert EventName.objects.get(name="Order Completed").topic == "events.order_completed"
    assert imports.log.topics()["events.order_completed"] > 0


def test_the_good_rows_are_in_and_the_bad_ones_are_told(imports, make_file):
    path = make_file('user_id,age\n1,30\n2,"31\n3\n4,=1+1\n5,33\n')
    done = imports.run(path, AGE_IS_A_NUMBER)
    assert (done.state, done.row, done.accepted, done.rejected) == (ImportState.DONE, 5, 2, 3)
    assert list(done.row_errors.values_list("row", "line", "reason")) == [
        (2, 3, "a quoted value is not closed within 128 KB or the file"),
        (3, 4, "the row has 1 values, the file has 2 columns"),
        (4, 5, "column 'age' is not a number"),
    ]
    assert list(errors_as_csv(done))[3] == "4,5,column 'age' is not a number,\"4,=1+1\"\r\n"
    assert list(SourceMinute.objects.order_by("result").values_list("name", "result", "events")) == [
        ("identify", "accepted", 2),
        ("(row)", "rejected", 3),
    ]


def test_formulas_are_harmless_in_the_file_of_errors(imports, make_file):
    mapping = Mapping(event="X", columns=(Column("a", "user_id"),))
    done = imports.run(make_file('a,b\n=cmd|/c calc,"open\n1,2\n'), mapping)
    assert list(errors_as_csv(done))[1].endswith(',"\'=cmd|/c calc,""open"\r\n')


def test_the_same_file_again_adds_nothing_and_says_so(imports, make_file):
    first = imports.run(make_file(PEOPLE))
    before = message_ids(imports)
    imports.now = NOW + timedelta(days=400)
    again = imports.run(make_file(PEOPLE, "renamed.csv"), again=True)
    assert (again.state, again.accepted, again.rejected, again.repeated) == (ImportState.DONE, 0, 0, 3)
    assert message_ids(imports) == before
    [known] = known_imports(again.file_hash)
    assert (known.first_import, known.rows_done, known.complete) == (first.pk, 3, True)


def test_rows_that_were_rejected_get_another_chance(imports, make_file):
    first = imports.run(make_file(PEOPLE), AGE_IS_A_NUMBER)
    assert (first.accepted, first.rejected) == (2, 1)
    assert list(ImportGap.objects.values_list("first_row", "last_row")) == [(2, 2)]
    again = imports.run(make_file(PEOPLE), again=True)
    assert (again.accepted, again.rejected, again.repeated) == (1, 0, 2)
    assert len(set(message_ids(imports))) == len(message_ids(imports)) == 3
    assert not ImportGap.objects.exists()


def test_the_same_file_in_another_source_must_be_meant(imports, make_file):
    imports.run(make_file(PEOPLE))
    other = source_named(name="Another", by=BY, now=NOW)
    drafted = imports.draft(make_file(PEOPLE), source=other)
    mapping = Mapping.from_json(drafted.mapping)
    with pytest.raises(ImportConflict, match="into Files"):
        start_import(file_import=drafted, mapping=mapping, by=BY)
    start_import(file_import=drafted, mapping=mapping, by=BY, elsewhere=True)
    assert imports.finish(drafted).accepted == 3


def test_suppressed_people_are_left_out(imports, make_file):
    suppression.suppress("email", "zoe@example.com", by=BY, reason="asked for it", now=NOW)
    suppression.suppress("user_id", "99", by=BY, reason="asked for it", now=NOW)
    done = imports.run(make_file("email,name\nanna@example.com,A\nzoe@example.com,B\n"))
    assert (done.accepted, done.suppressed) == (1, 1)
    done = imports.run(make_file("user_id,name\n98,B\n99,C\n"))
    assert (done.accepted, done.suppressed, done.rejected) == (1, 1, 0)


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (
            "user_id,age,note\n1,x,mine\n99,x,zoe was here\n",
            Mapping(
                event="Imported",
                columns=(
                    Column("user_id", "user_id", prefix="shop-"),
                    Column("age", "traits.age", kind=ValueKind.NUMBER),
                    Column("note", "properties.note"),
                ),
            ),
        ),
        ("user_id,note\n1\n98,a,b,zoe was here\n99,c\n", None),
        (
            '{"type": "track", "userId": "shop-1"}\n{"type": "track", "userId": "shop-99", "name": "zoe was here"}\n',
            None,
        ),
    ],
    ids=["table", "unreadable", "calls"],
)
def test_of_a_rejected_row_of_a_suppressed_person_nothing_is_kept(imports, make_file, content, mapping):
    suppression.suppress("user_id", "shop-99", by=BY, reason="asked for it", now=NOW)
    name = "file.jsonl" if content.startswith("{") else "file.csv"
    done = imports.run(make_file(content, name), mapping)
    errors = list(done.row_errors.order_by("row"))
    assert [error.row for error in errors] == [1, 2]
    assert errors[1].raw == ""
    assert not any("zoe" in error.reason + error.raw for error in errors)
    assert errors[0].raw or mapping is None


def test_an_import_whose_mapping_is_wrong_stops_early(imports, make_file):
    path = make_file("user_id,age\n" + "".join(f"{number},x\n" for number in range(200_000)))
    failed = imports.run(path, AGE_IS_A_NUMBER)
    assert failed.state == ImportState.FAILED
    assert failed.row < 200_000
    assert "mapping must be wrong" in failed.failure


def test_a_slice_stops_in_time_and_the_next_goes_on(imports, make_file):
    path = make_file(
        "user_id,note\n" + "".join(f"{number},some text to fill it\n" for number in range(60_000))
    )
    started = imports.start(path)
    outcomes: list[Outcome] = []

    def clock():
        imports.now += timedelta(milliseconds=10)
        return imports.now

    while not outcomes or outcomes[-1] == Outcome.MORE:
        outcomes.append(run_import(started.pk, log=imports.log, clock=clock, seconds=0))
    assert outcomes[-1] == Outcome.ENDED
    assert len(outcomes) >= 3
    started.refresh_from_db()
    assert (started.state, started.accepted) == (ImportState.DONE, 60_000)
    assert len(set(message_ids(imports))) == len(message_ids(imports)) == 60_000
    assert progress_of(started).fraction == 1
    assert progress_of(started).rows_per_second > 0


def test_pause_resume_and_cancel(imports, make_file):
    path = make_file(
        "user_id,note\n" + "".join(f"{number},some text to fill it\n" for number in range(60_000))
    )
    started = imports.start(path)
    pause_import(file_import=started, by=BY)
    assert run_import(started.pk, log=imports.log, clock=lambda: NOW) == Outcome.BUSY
    resume_import(file_import=started, by=BY)
    run_import(started.pk, log=imports.log, clock=lambda: NOW, seconds=-1)
    started.refresh_from_db()
    assert 0 < started.row < 60_000
    cancel_import(file_import=started, by=BY, now=NOW)
    assert run_import(started.pk, log=imports.log, clock=lambda: NOW) == Outcome.BUSY
    again = imports.run(path, again=True)
    assert (again.repeated, again.accepted) == (started.row, 60_000 - started.row)
    with pytest.raises(ImportConflict, match="done by now"):
        cancel_import(file_import=again, by=BY, now=NOW)


def test_two_imports_of_one_file_do_not_run_beside_each_other(imports, make_file):
    started = imports.start(make_file(PEOPLE))
    with pytest.raises(ImportConflict, match=f"import {started.pk} of the same file has not ended"):
        imports.start(make_file(PEOPLE, "copy.csv"))


def test_a_run_that_lost_its_lease_says_nothing(imports, make_file):
    started = imports.start(make_file(PEOPLE))

    class Stolen:
        """The log takes so long that somebody else takes over."""

        def __getattr__(self, name):
            return getattr(imports.log, name)

        def submit(self, records):
            submitted = imports.log.submit(records)
            FileImport.objects.update(lease_until=NOW - timedelta(days=9999))
            assert imports.finish(FileImport.objects.get(pk=started.pk)).state == ImportState.DONE
            return submitted

    assert run_import(started.pk, log=Stolen(), clock=lambda: NOW) == Outcome.BUSY
    started.refresh_from_db()
    assert (started.state, started.accepted, started.row) == (ImportState.DONE, 3, 3)


def test_a_log_that_is_away_is_waited_for(imports, make_file):
    started = imports.start(make_file(PEOPLE))

    class Away:
        def __getattr__(self, name):
            return getattr(imports.log, name)

        def submit(self, records):
            raise LogUnavailable("away")

    assert run_import(started.pk, log=Away(), clock=lambda: NOW) == Outcome.WAITING
    started.refresh_from_db()
    assert (started.state, started.row, started.lease_until) == (ImportState.RUNNING, 0, None)
    assert imports.finish(started).accepted == 3


def test_an_import_waits_while_a_consumer_may_lose_what_it_has_not_read(imports, make_file, fresh_database):
    started = imports.start(make_file(PEOPLE))
    fall_behind(fresh_database, imports.log)
    imports.now = datetime.now(UTC) + timedelta(minutes=55)
    assert run_import(started.pk, log=imports.log, clock=lambda: imports.now) == Outcome.HELD
    started.refresh_from_db()
    assert (started.state, started.row, started.lease_until) == (ImportState.RUNNING, 0, None)
    assert why_held() == "what profiles has not read is 92% of what events.page keeps"
    assert lease.without_runner() == []  # a file that is not ours is left to the command that was told of it
    FileImport.objects.update(uploaded=True)
    assert lease.without_runner() == [started.pk]
    catch_up(fresh_database)
    imports.now += timedelta(seconds=4)
    assert imports.finish(started).accepted == 3
    assert why_held() == ""


def test_an_import_that_has_begun_goes_on_where_it_was_held_up(imports, make_file, fresh_database):
    path = make_file(
        "user_id,note\n" + "".join(f"{number},some text to fill it\n" for number in range(60_000))
    )
    started = imports.start(path)
    imports.now = datetime.now(UTC)
    run_import(started.pk, log=imports.log, clock=lambda: imports.now, seconds=-1)
    fall_behind(fresh_database, imports.log)
    imports.now += timedelta(minutes=55)
    assert run_import(started.pk, log=imports.log, clock=lambda: imports.now) == Outcome.HELD
    started.refresh_from_db()
    assert 0 < started.row < 60_000
    catch_up(fresh_database)
    imports.now += timedelta(seconds=4)
    done = imports.finish(started)
    assert done.accepted == 60_000
    assert len(set(message_ids(imports))) == len(message_ids(imports)) == 60_001  # with the one not read


def test_a_file_that_went_away_fails_the_import(imports, make_file):
    path = make_file(PEOPLE)
    started = imports.start(path)
    path.unlink()
    failed = imports.finish(started)
    assert (failed.state, failed.failure) == (
        ImportState.FAILED,
        "the file is no longer there; the rows so far are in",
    )


def test_the_ledger_knows_rows_by_gaps():
    ledger = Ledger(rows_done=10, gaps=[(2, 3), (7, 7)])
    assert [row for row in range(1, 13) if ledger.has(row)] == [1, 4, 5, 6, 8, 9, 10]
    assert not Ledger().has(1)
    assert runs([1, 2, 4, 7, 8, 9]) == [(1, 2), (4, 4), (7, 9)]


def test_whoever_started_an_import_is_told_how_it_ended(imports, make_file):
    User.objects.create(username=BY.name, is_staff=True).groups.add(Group.objects.get(name="administrator"))
    imports.run(make_file("user_id,age\n1,30\n,31\n"), AGE_IS_A_NUMBER)
    notice = Notice.objects.get(kind="job_finished")
    assert notice.subject == "The import of file.csv ended"
    assert notice.body == "Events that went in: 1. Rows that were refused: 1; the page has their errors."
