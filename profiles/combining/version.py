"""The version of combined records: one number for all that a transaction publishes."""

from typing import Any

import psycopg

from streaming.contracts.profiles import Version

_NEXT = "SELECT incarnation, nextval('profiles_combined_version') FROM installation"


def next_version(connection: psycopg.Connection[Any]) -> Version:
    """A version above all that were given before.

    Take it once what the records are about is locked: then who comes later has the higher version, too.
    """
    row = connection.execute(_NEXT).fetchone()
    assert row is not None
    return Version(*row)
