"""An API as a connection: looked at, kept, run into the log; and kill -9 at each point of a run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from compliance.models import Notice
from ingestion.enums import RunState
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.connections import with_kept_secrets
from ingestion.sources.looking import look_at
from ingestion.sources.proposal import propose
from ingestion.sources.streams import choice_of, save_stream
from tests.ingestion.sources.conftest import BY, NOW
from tests.ingestion.sources.killing import assert_killed, run_to_be_killed
from tests.ingestion.sources.rest.conftest import SECRET, connection_to
from tests.ingestion.sources.rest.server import Reply, customers
from tests.ingestion.sources.test_kills import POINTS

RECORDS = 80


def _pages(asked, table, size=20):
    at = int(asked.query.get("page_token", "p0")[1:])
    found = [each for each in table if each["updated_at"] >= asked.query.get("since", "")]
    following = f"p{at + size}" if at + size < len(found) else None
    return Reply({"customers": found[at : at + size], "next_page_token": following})


def _stream(connection: Connection, name: str = "customers", **typed: str) -> Stream:
    given = {"path": "/customers", "cursor_parameter": "since", **typed}
    looked = look_at(connection=connection, name=name, typed=given, by=BY)
    choice = replace(propose(looked.info), settings=looked.settings)
    return save_stream(connection=connection, stream=None, info=looked.info, choice=choice, by=BY, now=NOW)


def test_an_api_becomes_events_and_then_only_what_is_new(producer, api):
    table = customers(1, 45)
    api.answer = lambda asked: _pages(asked, table)
    stream = _stream(producer.connection)
    assert {key: stream.settings[key] for key in ("records", "pagination", "next", "page_parameter")} == {
        "records": "customers", "pagination": "token", "next": "next_page_token", "page_parameter": "page_token",
    }  # fmt: skip
    assert (stream.cursor, stream.key, stream.mapping["type"]) == ("updated_at", ["id"], "identify")
    assert producer.run(stream).accepted == 45
    assert {each.headers["authorization"] for each in api.asked} == {f"Bearer {SECRET}"}
    table += [*customers(46, 47, minute="11:00"), customers(1, 1, minute="11:00")[0] | {"plan": "basic"}]
    assert producer.run(stream).accepted == 3
    assert producer.run(stream).read == 0
    assert producer.users() == [1, *range(1, 48)]
    assert len({event["message_id"] for event in producer.events()}) == 48


def test_an_api_that_says_when_to_come_back_is_left_alone_until_then(producer, api):
    table = customers(1, 3)
    api.answer = lambda asked: _pages(asked, table)
    run = producer.start(_stream(producer.connection))
    api.answer = lambda _asked: Reply({}, status=429, headers={"Retry-After": "3600"})
    assert producer.go(run) == Outcome.WAITING
    producer.connection.refresh_from_db()
    assert producer.connection.retry_at == NOW + timedelta(hours=1)
    api.answer = lambda asked: _pages(asked, table)
    producer.now += timedelta(hours=1)
    assert producer.go(run) == Outcome.ENDED
    assert run.accepted == 3


def test_a_stream_that_is_refused_is_told_of_and_the_others_go_on(producer, api):
    api.answer = lambda asked: _pages(asked, customers(1, 3))
    stream, other = _stream(producer.connection), _stream(producer.connection, "others", path="/others")
    api.answer = lambda asked: (
        _pages(asked, customers(1, 3))
        if "others" in asked.path
        else Reply({"message": "no such thing"}, status=404)
    )
    assert (
        "There is nothing at this path: check the path, and the base URL. It said: no such thing"
        in producer.run(stream).failure
    )
    assert (
        Notice.objects.get(kind="source_failing", ended_at=None).subject == "customers of Shop cannot be read"
    )
    assert producer.run(other).accepted == 3
    assert producer.connection.failures == 0
    api.answer = lambda _asked: Reply({"message": "expired"}, status=401)
    assert "or has expired" in producer.run(other).failure
    producer.connection.refresh_from_db()
    assert producer.connection.failures == 1, "the login is of all of them"


def test_fields_that_only_come_sometimes_are_no_drift_and_new_ones_are_told(producer, api):
    table = [{**each, "nick": "x"} if each["id"] % 2 else each for each in customers(1, 30)]
    api.answer = lambda asked: _pages(asked, table)
    stream = _stream(producer.connection)
    table[:] = [{**each, "score": 1} for each in customers(31, 60, minute="12:00")]
    run = producer.run(stream)
    assert (run.state, run.accepted, run.notes) == (
        RunState.DONE,
        30,
        ["column score is new (whole number) and not read"],
    )
    table[:] = [
        {"id": each["id"], "updated_at": each["updated_at"]} for each in customers(61, 90, minute="13:00")
    ]
    run = producer.run(stream)
    assert "column email is gone" in run.failure
    stream.refresh_from_db()
    assert stream.paused_at is not None


def test_the_token_is_not_kept_for_another_host(producer):
    typed = producer.connection.settings
    assert with_kept_secrets(producer.connection, typed)["token"] == SECRET
    for place in ({"base_url": "https://elsewhere.example/v1"}, {"token_url": "https://elsewhere.example/t"}):
        assert "token" not in with_kept_secrets(producer.connection, {**typed, **place})


def test_settings_of_a_stream_never_stand_in_for_those_of_the_connection(producer, api):
    api.answer = lambda asked: _pages(asked, customers(1, 3))
    stream = _stream(producer.connection)
    stream.settings |= {"base_url": "http://elsewhere.example", "token": "x"}
    stream.save()
    assert producer.run(stream).accepted == 3


@pytest.mark.fault
def test_a_run_that_is_killed_anywhere_is_finished_by_another_process(producer, api, fresh_database):
    tables = {
        f"/v1/table-{number}": customers(number * 1000, number * 1000 + RECORDS - 1) for number in range(4)
    }
    forgetful: set[str] = set()

    def answer(asked):
        if asked.path in forgetful and "page_token" in asked.query:
            forgetful.remove(asked.path)
            return Reply({"message": "the token has expired"}, status=410)
        return _pages(asked, tables[asked.path])

    api.answer = answer
    runs = {}
    for number, point in enumerate(POINTS):  # streams of one connection are read one after another
        made = connection_to(api, f"Shop {number}")
        runs[point] = producer.start(_stream(made, path=f"/table-{number}"))
        ConnectionRun.objects.filter(pk=runs[point].pk).update(rows_per_second=30)  # several batches
    assert_killed(run_to_be_killed(fresh_database, runs))
    forgetful |= set(tables)
    for run in runs.values():
        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        ConnectionRun.objects.filter(pk=run.pk).update(lease_until=NOW, rows_per_second=None)
        assert producer.go(run) == Outcome.ENDED
        assert run.state == RunState.DONE
    messages = {(event["user_id"], event["message_id"], event["client_time"]) for event in producer.events()}
    assert sorted(int(user) for user, *_ in messages) == [
        number * 1000 + row for number in range(4) for row in range(RECORDS)
    ]


def test_what_was_chosen_is_shown_again_with_its_settings(producer, api):
    api.answer = lambda asked: _pages(asked, customers(1, 3))
    stream = _stream(producer.connection)
    looked = look_at(connection=producer.connection, name=stream.name, typed=stream.settings, by=BY)
    assert choice_of(stream, looked.info).settings == looked.settings == stream.settings
