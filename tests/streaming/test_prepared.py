"""Statements whose plans are kept: prepared once, and Django's in all else."""

import pytest
from django.db import DataError, ProgrammingError, connection, transaction
from django.db.transaction import TransactionManagementError

from streaming.prepared import add_prepared, already_committed, run_prepared

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int %%'"
ADD = "SELECT %s::int + %s, %s::jsonb"


@pytest.fixture(autouse=True)
def _database(fresh_database):
    del fresh_database


def prepared() -> int:
    [(count,)] = run_prepared(PREPARED)
    return int(count)


def test_a_statement_is_prepared_once_whatever_its_parameters():
    assert run_prepared(ADD, [1, 2, '{"a": 1}']) == [(3, '{"a": 1}')]
    assert run_prepared(ADD, [2, 3, "[]"]) == [(5, "[]")]
    assert prepared() == 1


def test_other_statements_of_the_connection_are_not_prepared():
    run_prepared(ADD, [1, 2, "{}"])
    for number in range(10):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int - 1", [number])
    assert prepared() == 1


def test_a_new_connection_prepares_anew():
    run_prepared(ADD, [1, 2, "{}"])
    connection.close()
    assert run_prepared(ADD, [1, 2, "{}"]) == [(3, "{}")]
    assert prepared() == 1


def test_what_returns_nothing_is_committed_at_once(fresh_database):
    run_prepared("CREATE TABLE noted (at int)")
    run_prepared("INSERT INTO noted VALUES (%s)", [7])
    with fresh_database.connect() as session:
        assert session.execute("SELECT at FROM noted").fetchall() == [(7,)]


def test_errors_are_djangos():
    with pytest.raises(ProgrammingError):
        run_prepared("SELECT nothing FROM nowhere")
    with pytest.raises(DataError):
        run_prepared("SELECT 1 / %s::int", [0])


def test_a_broken_transaction_runs_nothing_more():
    with transaction.atomic():
        connection.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            run_prepared("SELECT 1")


def test_who_counts_statements_sees_them(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert run_prepared(ADD, [1, 2, "{}"]) == [(3, "{}")]


ADD_ROWS = "INSERT INTO noted (at) SELECT at FROM json_to_recordset(%s::json) AS row (at int)"


def test_a_row_is_added_alone_on_a_connection_of_ones_own(fresh_database):
    run_prepared("CREATE TABLE noted (at int)")
    add_prepared(ADD_ROWS, '{"at": 7}')
    with fresh_database.connect() as session:
        assert session.execute("SELECT at FROM noted").fetchall() == [(7,)]


def test_a_row_that_is_committed_already_is_not_added_again_once():
    run_prepared("CREATE TABLE noted (at int)")
    with already_committed([(ADD_ROWS, ['[{"at": 7}]'])]):
        add_prepared(ADD_ROWS, '{"at": 7}')
        assert run_prepared("SELECT at FROM noted") == []
        add_prepared(ADD_ROWS, '{"at": 7}')
    assert run_prepared("SELECT at FROM noted") == [(7,)]
