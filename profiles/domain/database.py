"""The database session that Django has open, for what works on psycopg."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from profiles.builder.reconsider import plain_cursors
from streaming.database import django_session


@contextmanager
def session() -> Iterator[psycopg.Connection[Any]]:
    """The open session; within a transaction of Django's it is the one that the transaction is in.

    With psycopg's own cursors meanwhile, because Django's cannot send arrays in binary.
    """
    opened = django_session()
    with plain_cursors(opened):
        yield opened
