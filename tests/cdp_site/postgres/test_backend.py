from unittest.mock import patch

import pytest
from django.db import InternalError, OperationalError, connection, transaction

from cdp_site.postgres.backend import base


def statements_of_a_request() -> int:
    """How many statements the connection takes to answer one query of a new request."""
    connection.close_if_unusable_or_obsolete()
    with patch.object(connection, "is_usable", wraps=connection.is_usable) as is_usable:
        connection.cursor().execute("SELECT 1")
    return 1 + int(is_usable.call_count)


def break_it(database) -> None:
    with database.connect(autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


def test_a_connection_is_asked_once_a_second(fresh_database, monkeypatch):
    connection.cursor().execute("SELECT 1")
    statements_of_a_request()
    assert statements_of_a_request() == 1
    monkeypatch.setattr(base, "TRUSTED_S", 0)
    assert statements_of_a_request() == 2


def test_an_idle_connection_that_broke_is_replaced_unnoticed(fresh_database, monkeypatch):
    statements_of_a_request()
    break_it(fresh_database)
    monkeypatch.setattr(base, "TRUSTED_S", 0)
    statements_of_a_request()
    assert connection.is_usable()


def test_a_busy_connection_that_broke_fails_one_request(fresh_database, monkeypatch):
    monkeypatch.setattr(base, "TRUSTED_S", 3600)
    connection.cursor().execute("SELECT 1")
    statements_of_a_request()
    break_it(fresh_database)
    with pytest.raises(OperationalError):
        statements_of_a_request()
    statements_of_a_request()
    assert connection.is_usable()


def test_a_transaction_is_never_interrupted_by_the_question(fresh_database, monkeypatch):
    statements_of_a_request()
    connection.close_if_unusable_or_obsolete()  # the next request, while the connection is still trusted
    with transaction.atomic():
        connection.cursor().execute("SELECT 1")
        monkeypatch.setattr(base, "TRUSTED_S", 0)  # it no longer is
    assert connection.get_autocommit()


def test_a_connection_to_a_server_that_takes_no_writes_any_more_is_replaced(fresh_database):
    connection.cursor().execute("SET default_transaction_read_only = on")
    former = connection.connection
    with pytest.raises(InternalError, match="read-only"):
        connection.cursor().execute("CREATE TABLE written ()")
    statements_of_a_request()
    assert connection.connection is not former
    connection.cursor().execute("CREATE TABLE written ()")


def test_nobody_waits_for_a_lock_for_ever(fresh_database):
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("30s",)
