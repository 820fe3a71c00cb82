"""The database of Django's settings, where the ORM does not do: plain SQL, and sessions of psycopg."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

Row = tuple[Any, ...]


def fetch(query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
    """All rows of the query, on the session that Django has open; JSON in them is text."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def conninfo() -> str:
    """The connection string of the default database as it is configured at this moment."""
    settings = connections["default"].settings_dict
    options = {key: value for key, value in settings.get("OPTIONS", {}).items() if key != "pool"}
    return make_conninfo(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"], password=settings["PASSWORD"],
        dbname=settings["NAME"], **options,
    )  # fmt: skip


def connect(*, autocommit: bool = False, application_name: str = "headwater") -> psycopg.Connection[Any]:
    """A new session of its own. Raises psycopg.OperationalError when the database cannot be reached.

    Of several servers it is on the one that takes writes now; none of them is psycopg.OperationalError too.
    """
    return psycopg.connect(conninfo(), autocommit=autocommit, application_name=application_name)


def django_session() -> psycopg.Connection[Any]:
    """The session that Django has open, for what works on psycopg; within a transaction of Django's it is in that."""
    connection.ensure_connection()
    session = connection.connection
    assert isinstance(session, psycopg.Connection)
    return session


def connect_as_django() -> psycopg.Connection[Any]:
    """A new session of its own that is set up, and gives values, like those of Django. Raises django.db.Error."""
    wrapper = connections.create_connection("default")
    wrapper.connect()
    session: psycopg.Connection[Any] = wrapper.connection
    return session
